import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'

/** Connects as if from an address. `begin` makes the socket. */
export type OpenFrom = (address: string, begin: (port: number) => Socket) => Promise<Socket>

/** Has a server listen, until the test ends, to connections that seem to come from any address. */
export async function listenToAddresses(server: Server): Promise<OpenFrom> {
  let from = ''
  let accepted = 0
  server.prependListener('connection', (socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: from })
    accepted++
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  return async (address, begin) => {
    const before = accepted
    from = address
    const socket = begin((server.address() as AddressInfo).port)
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    await until('the connection to be accepted', () => accepted > before)
    return socket
  }
}
