import sodium from 'sodium-javascript'
import { fastFunctions } from './functions.js'
import { agrees } from './self-test.js'

let hastening: Promise<boolean> | null = null

/**
 * Puts libsodium in WebAssembly in the place of the slowest parts of sodium-javascript, for all that use it: our secret
 * streams, and an application's Hypercores. It may come in the middle of a stream, as both keep the same state in the
 * same bytes. Resolves to whether it has: false where WebAssembly is forbidden (a Content-Security-Policy without
 * `wasm-unsafe-eval`) or cannot be loaded. Then everything goes on in JavaScript.
 */
export function hastenSodium(): Promise<boolean> {
  hastening ??= hasten().catch(() => false)
  return hastening
}

async function hasten(): Promise<boolean> {
  // A file of its own in bundles that can be split: the page does not wait for it.
  const { default: load } = await import('libsodium')
  const slow = { ...sodium }
  const fast = fastFunctions(await load(), slow)
  if (!agrees(fast, slow)) return false
  Object.assign(sodium, fast)
  return true
}
