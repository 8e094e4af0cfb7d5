/** What the tests use of a browser or of Node, and Bare does not have. Our packages do not see it. */
import hrtime from 'bare-hrtime'
import sodium from 'sodium-universal'

export { AbortController } from 'bare-abort-controller'
export { Event, EventTarget } from 'bare-events/web'

type OnEvent = (event: 'uncaughtException' | 'unhandledRejection', listener: (cause: unknown) => void) => void
const bare = (globalThis as unknown as { Bare: { on: OnEvent } }).Bare

export const performance = {
  now(): number {
    const [seconds, nanoseconds] = hrtime()
    return seconds * 1000 + nanoseconds / 1_000_000
  }
}

export const crypto = {
  getRandomValues(bytes: Uint8Array): Uint8Array {
    sodium.randombytes_buf(bytes)
    return bytes
  }
}

export function addEventListener(type: string, listener: (event: { reason?: unknown; error?: unknown }) => void): void {
  if (type === 'error') bare.on('uncaughtException', (error) => listener({ error }))
  else bare.on('unhandledRejection', (reason) => listener({ reason }))
}
