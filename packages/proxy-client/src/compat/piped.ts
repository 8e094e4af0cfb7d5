import type { Connection } from '@swarmway/swarm/core'

/** The return value of discovery-swarm-stream's option `stream`: a duplex of Node or streamx. */
export interface PipeableDuplex {
  pipe<Destination>(destination: Destination): Destination
  on(event: 'error', listener: (error: Error) => void): unknown
  destroy(error?: Error): unknown
}

/** Pipes a connection and a duplex into each other; each ends with the other. */
export function joinStreams(connection: Connection, duplex: unknown): void {
  if (!isPipeable(duplex) || duplex === (connection as unknown)) return
  duplex.on('error', (error) => connection.destroy(error))
  connection.once('close', () => duplex.destroy())
  connection.pipe(duplex).pipe(connection)
}

function isPipeable(value: unknown): value is PipeableDuplex {
  return typeof value === 'object' && value !== null && 'pipe' in value && typeof value.pipe === 'function'
}
