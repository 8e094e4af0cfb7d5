import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Listens on 127.0.0.1 and returns the port; everything is closed after the test. */
async function open(server: Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A server that answers upgrades with this status. */
export async function answering(status: number, headers: Record<string, string> = {}) {
  const state = { tries: 0, url: '' }
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': '0' })
  const answer = [`HTTP/1.1 ${status} X`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
  const server = createServer().on('upgrade', (_request, socket) => {
    state.tries++
    socket.on('error', () => {}).end(answer)
  })
  state.url = `ws://127.0.0.1:${await open(server)}`
  return state
}

/** An HTTP proxy that connects to `port` of this machine whatever it is asked for, unless it answers with a status. */
export async function httpProxy(port: number, status = 200, headers: Record<string, string> = {}) {
  const state = { asked: [] as { target: string; auth: string | undefined }[], url: '', host: '' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const server = createServer().on('connect', (request: IncomingMessage, socket: Socket) => {
    state.asked.push({ target: request.url ?? '', auth: request.headers['proxy-authorization'] })
    socket.on('error', () => {})
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} X\r\n${lines.join('')}content-length: 0\r\n\r\n`)
    const far = connect(port, '127.0.0.1').on('error', () => socket.destroy())
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.pipe(far).pipe(socket)
    onTestFinished(() => void far.destroy())
  })
  state.host = `127.0.0.1:${await open(server)}`
  state.url = `http://${state.host}`
  return state
}
