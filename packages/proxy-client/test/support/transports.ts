import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { MessageChannel } from 'node:worker_threads'
import type { DuplexLike } from '@swarmway/proxy-protocol'
import type { ProxyServer } from '../../../proxy-server/src/index.js'
import { listen } from '../../../proxy-server/src/websocket/index.js'
import type { Connect } from '../../src/index.js'
import { type MessagePortLike, messagePort } from '../../src/transports/messageport.js'
import { websocket } from '../../src/transports/websocket.js'
import { bytewise, type WireOptions, wire } from './wire.js'

/** How to reach a server while it runs. */
export interface Door {
  readonly connect: Connect
  close(): Promise<void>
}

/** Lets clients connect to a server over one kind of duplex. */
export type Transport = (server: ProxyServer) => Promise<Door>

/** A pair of duplexes in memory. */
export function memory(options: WireOptions = {}): Transport {
  return async (server) => ({
    connect: () => {
      const [near, far] = wire(options)
      server.handleStream(far as unknown as DuplexLike)
      return near as unknown as DuplexLike
    },
    close: async () => {}
  })
}

export const tcp: Transport = async (server) => {
  const { address, close } = await listenNet(server, { port: 0, host: '127.0.0.1' })
  const { port } = address as AddressInfo
  return { connect: () => connectNet(connect(port, '127.0.0.1')), close }
}

const unixSocket: Transport = async (server) => {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-'))
  const path = join(folder, 'proxy.sock')
  const { close } = await listenNet(server, { path })
  return {
    connect: () => connectNet(connect(path)),
    close: async () => {
      await close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

const webSocket: Transport = async (server) => {
  const listener = await listen(server, { host: '127.0.0.1' })
  const { port } = listener.address as AddressInfo
  const [connectTo] = websocket(`ws://127.0.0.1:${port}`)
  return { connect: connectTo as Connect, close: () => listener.close() }
}

const port: Transport = async (server) => ({
  connect: () => {
    const { port1, port2 } = new MessageChannel()
    server.handleStream(messagePort(port2 as unknown as MessagePortLike) as unknown as DuplexLike)
    return messagePort(port1 as unknown as MessagePortLike) as unknown as DuplexLike
  },
  close: async () => {}
})

/** Connects its standard input and output with the server's TCP port, as `ssh host nc localhost 1234` would. */
const BRIDGE = `
  const socket = require('node:net').connect(+process.argv[1], '127.0.0.1').setNoDelay(true)
  process.stdin.pipe(socket).pipe(process.stdout)
  socket.on('error', () => process.exit(1)).on('close', () => process.exit())`

/** The standard input and output of a child process. */
const childProcess: Transport = async (server) => {
  const { address, close } = await listenNet(server, { port: 0, host: '127.0.0.1' })
  const { port } = address as AddressInfo
  return { connect: () => stdioOf(port), close }
}

/** All transports, by name. */
export const TRANSPORTS: Readonly<Record<string, Transport>> = {
  'a pair in memory': memory(),
  'a pair that delivers one byte at a time': memory({ cut: bytewise }),
  'a pair that merges writes': memory({ delayTurns: 3 }),
  TCP: tcp,
  'a Unix socket': unixSocket,
  'a WebSocket': webSocket,
  'a MessagePort': port,
  "a child process's stdio": childProcess
}

async function listenNet(server: ProxyServer, where: { port: number; host: string } | { path: string }) {
  const sockets = new Set<Socket>()
  const net = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    server.handleStream(socket as unknown as DuplexLike)
  })
  await new Promise<void>((resolve, reject) => net.once('error', reject).listen(where, resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      net.close(() => resolve())
    })
  return { address: net.address(), close }
}

function connectNet(socket: Socket): DuplexLike {
  return socket.setNoDelay(true) as unknown as DuplexLike
}

function stdioOf(port: number): DuplexLike {
  const child = spawn(process.execPath, ['-e', BRIDGE, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin })
  duplex.once('close', () => child.kill())
  return duplex as unknown as DuplexLike
}
