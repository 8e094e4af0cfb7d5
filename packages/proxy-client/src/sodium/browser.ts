import sodium from 'sodium-javascript'

let hastening: Promise<boolean> | null = null

/**
 * Replaces the slowest parts of sodium-javascript with libsodium in WebAssembly for all its users: our secret
 * streams, and an application's Hypercores. This works in the middle of a stream, as both keep the same state in the
 * same bytes. Resolves to whether it did so: false where WebAssembly is forbidden (a Content-Security-Policy without
 * `wasm-unsafe-eval`) or cannot be loaded. Then everything continues in JavaScript.
 */
export function hastenSodium(): Promise<boolean> {
  hastening ??= hasten().catch(() => false)
  return hastening
}

async function hasten(): Promise<boolean> {
  // A separate file in bundles that can be split: the page does not wait for it.
  const { fastestFunctions } = await import('./libsodium.js')
  const fast = await fastestFunctions({ ...sodium })
  if (fast !== null) Object.assign(sodium, fast)
  return fast !== null
}
