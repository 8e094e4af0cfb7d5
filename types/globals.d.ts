// The few globals that Node and browsers share. Neither lib.dom nor @types/node is loaded for the sources, so
// that nothing of one platform slips into code that has to run on the other.
declare function setTimeout(run: () => void, delayMs: number): { readonly __timer: unique symbol }
declare function clearTimeout(timer: ReturnType<typeof setTimeout> | undefined): void
declare function queueMicrotask(run: () => void): void
