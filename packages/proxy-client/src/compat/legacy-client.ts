import { assertCallback, type Callback, type LegacyEvents, type LegacyHost, withCallback } from '@swarmway/swarm/compat'
import { invalidArgument } from '@swarmway/swarm/core'

export type { Callback } from '@swarmway/swarm/compat'

/** The events of an older client, on today's emitter. */
interface LegacyEmitter {
  readonly peers: LegacyHost['peers']
  emit<K extends keyof LegacyEvents>(event: K, ...args: LegacyEvents[K]): boolean
}

/** What a `LegacySwarm` needs from its client: its events, and the methods that the client overrides. */
export function hostOf(client: LegacyEmitter, methods: Pick<LegacyHost, 'join' | 'leave' | 'connect'>): LegacyHost {
  return {
    ...methods,
    peers: client.peers,
    tell: (event, ...args) => {
      client.emit(event, ...args)
    }
  }
}

/** Runs `task` and calls `callback`, if given, without the result. Throws a `TypeError` if it is not a function. */
export function settled<T>(task: () => Promise<T>, callback: Callback | undefined): Promise<T> {
  assertCallback(callback)
  return withCallback(task(), callback && ((error) => callback(error)))
}

/** Throws a `TypeError` unless `connection` is a duplex or missing. */
export function assertDuplex(connection: unknown): void {
  if (connection === null || connection === undefined) return
  const isDuplex = typeof connection === 'object' && 'write' in connection && typeof connection.write === 'function'
  if (!isDuplex) throw invalidArgument('connection', 'a duplex stream', connection)
}
