/** Does nothing: Node's sodium is native. */
export function hideUselessWebAssembly(): void {}
