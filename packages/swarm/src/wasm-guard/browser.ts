interface Platform {
  WebAssembly?: { Module: new (code: Uint8Array) => object } | undefined
}

/** An empty module. */
const NOTHING = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])

/**
 * sodium-javascript's hashes and ciphers exist in WebAssembly and in JavaScript; they choose when they are loaded,
 * depending on whether WebAssembly exists. But a Content-Security-Policy leaves it in place and makes it throw, which
 * would end the application before it begins. So it is hidden while they choose.
 */
export function hideUselessWebAssembly(): void {
  const platform = globalThis as Platform
  const { WebAssembly } = platform
  if (WebAssembly === undefined || isAllowed(WebAssembly)) return
  platform.WebAssembly = undefined
  // Modules that are imported together run together, in one turn.
  queueMicrotask(() => {
    platform.WebAssembly = WebAssembly
  })
}

function isAllowed({ Module }: { Module: new (code: Uint8Array) => object }): boolean {
  try {
    return new Module(NOTHING) !== null
  } catch {
    return false
  }
}
