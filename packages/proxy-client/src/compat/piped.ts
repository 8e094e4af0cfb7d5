import type { Connection } from '@swarmway/swarm/core'

/** What the option `stream` of discovery-swarm-stream returns: a duplex of Node or streamx. */
export interface PipeableDuplex {
  pipe<Destination>(destination: Destination): Destination
  on(event: 'error', listener: (error: Error) => void): unknown
  destroy(error?: Error): unknown
}

/** Joins a connection with a duplex: each gets what the other gives, and ends with it. */
export function joinStreams(connection: Connection, duplex: unknown): void {
  if (!isPipeable(duplex) || duplex === (connection as unknown)) return
  duplex.on('error', (error) => connection.destroy(error))
  connection.once('close', () => duplex.destroy())
  connection.pipe(duplex).pipe(connection)
}

function isPipeable(value: unknown): value is PipeableDuplex {
  return typeof value === 'object' && value !== null && 'pipe' in value && typeof value.pipe === 'function'
}
