import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP server on a free port of 127.0.0.1, closed after the test. */
export async function tcpServer(onSocket: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}

/** A TCP client, closed after the test. It keeps what it receives. */
export function tcpClient(port: number) {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  const received: Buffer[] = []
  const client = {
    socket,
    text: () => Buffer.concat(received).toString(),
    bytes: () => received.reduce((sum, { length }) => sum + length, 0),
    hasEnded: false,
    errors: [] as (string | undefined)[]
  }
  socket.on('data', (data) => received.push(data))
  socket.on('end', () => {
    client.hasEnded = true
  })
  socket.on('error', (error: NodeJS.ErrnoException) => client.errors.push(error.code))
  onTestFinished(() => void socket.destroy())
  return client
}
