import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { DuplexLike } from '@swarmway/proxy-protocol'
import { onTestFinished } from 'vitest'
import type { Connect } from '../../src/index.js'

/** A TCP port without a proxy server, and how many connections were attempted. */
export interface Stranger {
  readonly connect: Connect
  readonly tries: number
}

/** An HTTP server. */
export function httpServer(): Promise<Stranger> {
  return listen(createHttpServer((_request, response) => response.end('hello')))
}

/** Sends back whatever it receives. */
export function echoServer(): Promise<Stranger> {
  return listen(createServer((socket) => socket.on('error', () => {}).pipe(socket)))
}

/** Closes every connection at once. */
export function closingServer(): Promise<Stranger> {
  return listen(createServer((socket) => socket.on('error', () => {}).end()))
}

/** Never answers. */
export function silentServer(): Promise<Stranger> {
  return listen(createServer((socket) => socket.on('error', () => {}).resume()))
}

/** A port at which nobody listens. */
export async function nobody(): Promise<Stranger> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return counting(port)
}

async function listen(server: ReturnType<typeof createServer>): Promise<Stranger> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      })
  )
  return counting((server.address() as AddressInfo).port)
}

function counting(port: number): Stranger {
  const state = {
    tries: 0,
    connect: () => {
      state.tries++
      return connect(port, '127.0.0.1') as unknown as DuplexLike
    }
  }
  return state
}
