// Node's functions accept our emitters, and a connection as a stream. Compiled, never run.
import { once } from 'node:events'
import { PassThrough, pipeline } from 'node:stream'
import { pipeline as piped } from 'node:stream/promises'
import type { ProxyClient } from '@swarmway/proxy-client'
import type { Connection, Swarm } from '@swarmway/swarm'
export async function use(swarm: Swarm | ProxyClient, connection: Connection) {
  const duplex: NodeJS.ReadWriteStream = connection
  await once(swarm, 'connection')
  await once(connection, 'close')
  process.stdin.pipe(connection)
  connection.pipe(process.stdout)
  connection.pipe(process.stdout, { end: false })
  await piped(process.stdin, connection, process.stdout)
  pipeline(process.stdin, connection, new PassThrough(), (e) => void e)
  pipeline(connection, process.stdout, () => {})
  connection.on('data', (data: Buffer) => data.readUInt8(0))
  connection.on('data', (data) => data.byteLength)
  connection.once('close', () => {})
  connection.write('x', (error) => void error)
  connection.end('x', () => {})
  connection.end(() => {})
  for await (const data of connection) data.byteLength
  swarm.once('update', () => {})
  swarm.off('connection', (c, info) => void [c, info.topics])
  return duplex
}
