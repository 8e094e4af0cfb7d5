import { connect } from 'node:net'
import { addressOf } from './servers.js'

/**
 * The first of these NATS servers (`host:port`) that sends its greeting in time. The client library must not try one that
 * takes connections and says nothing: it forgets the socket of each try, which then stays open for ever.
 * Rejects if there is none, and when `signal` is aborted.
 */
export async function firstToGreet(servers: readonly string[], withinMs: number, signal: AbortSignal): Promise<string> {
  for (const server of servers) {
    const isThere = await greets(server, withinMs, signal)
    signal.throwIfAborted()
    if (isThere) return server
  }
  throw new Error('no NATS server answers')
}

/** With a timer: one of `AbortSignal.timeout` inside of `AbortSignal.any` may be collected as garbage, and never ends. */
function greets(server: string, withinMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...addressOf(server), signal })
    const timer = setTimeout(() => socket.destroy(), withinMs)
    socket.once('data', () => {
      resolve(true)
      socket.destroy()
    })
    socket.on('error', () => resolve(false))
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(false)
    })
  })
}
