/** What the proxy benchmarks use of packages without types, declared as far as they are used. */
import { createRequire } from 'node:module'
import type { AnyConnection, Dht } from './modules.ts'

/** Systems that bring two peers together through a server, and the connection without one. */
export type ProxySystem = 'swarmway' | 'dht-relay' | 'bare pipe' | 'direct'

/** A duplex of bytes, as far as used. */
export interface Bytes {
  write(data: Uint8Array): boolean
  on(event: 'data', listener: (data: Uint8Array) => void): unknown
  on(event: 'error' | 'close', listener: (error: Error) => void): unknown
}

/** A connection whose opening can be waited for. */
export type OpeningConnection = AnyConnection & { readonly opened: Promise<boolean> }

interface KeyPair {
  publicKey: Uint8Array
  secretKey: Uint8Array
}

/** A DHT node at the other end of a relay. */
export interface RelayedNode {
  readonly defaultKeyPair: KeyPair
  ready(): Promise<void>
  connect(publicKey: Uint8Array): OpeningConnection
  createServer(listener: (connection: OpeningConnection) => void): { listen(): Promise<void> }
  lookup(topic: Uint8Array): RelayedQuery
}

/** A running lookup. */
export interface RelayedQuery {
  on(event: 'data', listener: (reply: { peers: { publicKey: Uint8Array }[] }) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

interface Relay {
  relay(dht: Dht, stream: Bytes): Promise<unknown>
  Node: new (stream: Bytes, options: { custodial: boolean }) => RelayedNode
}

/** A UDP socket of UDX. */
export interface UdxSocket {
  bind(port: number, host: string): void
  address(): { port: number }
}

/** A UDX stream. */
export interface UdxStream extends Bytes {
  connect(socket: UdxSocket, remoteId: number, port: number, host: string): void
}

/** HyperDHT as far as the benchmarks of the other networks do not use it. */
export interface NativeDht extends Dht {
  readonly udx: { createSocket(): UdxSocket; createStream(id: number, options: { framed: boolean }): UdxStream }
  connect(publicKey: Uint8Array): OpeningConnection
  createServer(listener?: (connection: OpeningConnection) => void): ReturnType<Dht['createServer']>
}

/** A WebSocket of the package ws, as far as used. */
export interface Socket {
  binaryType: string
  send(data: Uint8Array): void
  on(event: 'message', listener: (data: Uint8Array) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

interface Ws {
  WebSocket: new (url: string, options: { perMessageDeflate: boolean }) => Socket
  WebSocketServer: new (options: { port: number; host: string }) => SocketServer
}

/** Accepts WebSockets. */
export interface SocketServer {
  on(event: 'connection', listener: (socket: Socket) => void): unknown
  once(event: 'listening', listener: () => void): unknown
  address(): { port: number }
}

const require = createRequire(import.meta.url)
// These two are not dependencies of the workspace's root: all systems use the copies of the measured packages.
const requireForServer = createRequire(new URL('../../packages/proxy-server/package.json', import.meta.url))
const requireForClient = createRequire(new URL('../../packages/proxy-client/package.json', import.meta.url))

const dhtRelay = require('@hyperswarm/dht-relay') as Relay['Node'] & Pick<Relay, 'relay'>

export const relay = dhtRelay.relay
export const RelayedDht = dhtRelay as Relay['Node']
/** dht-relay's own stream around a WebSocket. */
export const RelaySocketStream = require('@hyperswarm/dht-relay/ws') as new (
  isInitiator: boolean,
  socket: Socket
) => Bytes
export const { WebSocket, WebSocketServer } = requireForServer('ws') as Ws
export const SecretStream = requireForClient('@hyperswarm/secret-stream') as new (
  isInitiator: boolean,
  rawStream: Bytes
) => OpeningConnection
