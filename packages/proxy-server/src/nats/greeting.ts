import { connect } from 'node:net'
import type { Clock } from '@swarmway/runtime'
import { addressOf } from './servers.js'

/** How long to wait for a greeting. */
export interface GreetingPatience {
  readonly clock: Clock
  /** Milliseconds for each server. */
  readonly withinMs: number
  readonly signal: AbortSignal
}

/**
 * The first of these NATS servers (`host:port`) that sends its greeting in time. The client library must not try one that
 * takes connections and says nothing: it forgets the socket of each try, which then stays open for ever.
 * Rejects if there is none, and when `signal` is aborted.
 */
export async function firstToGreet(servers: readonly string[], patience: GreetingPatience): Promise<string> {
  const { signal } = patience
  for (const server of servers) {
    const isThere = await greets(server, patience)
    signal.throwIfAborted()
    if (isThere) return server
  }
  throw new Error('no NATS server answers')
}

/** With a timer: one of `AbortSignal.timeout` inside of `AbortSignal.any` may be collected as garbage, and never ends. */
function greets(server: string, { clock, signal, withinMs }: GreetingPatience): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...addressOf(server), signal })
    const timer = clock.setTimeout(() => socket.destroy(), withinMs)
    socket.once('data', () => {
      resolve(true)
      socket.destroy()
    })
    socket.on('error', () => resolve(false))
    socket.once('close', () => {
      clock.clearTimeout(timer)
      resolve(false)
    })
  })
}
