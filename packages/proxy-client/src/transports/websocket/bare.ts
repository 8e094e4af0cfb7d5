import { ProxyError } from '@swarmway/proxy-protocol'
import { invalidArgument } from '@swarmway/swarm/core'
import b4a from 'b4a'
import { Socket } from 'bare-ws'
import { MAX_MESSAGE_BYTES } from './limits.js'
import type { SocketLike } from './socket.js'
import { upgradeCode } from './upgrade-codes.js'

/** A WebSocket of the package `bare-ws`, which an application in Bare installs. */
export function openSocket(url: string): SocketLike {
  return new BareSocket(url) as unknown as SocketLike
}

/** None: in Bare, the way to the server is a direct one. */
export function findTunnel(_url: string, proxy: unknown): null {
  if (proxy === undefined || proxy === null) return null
  throw invalidArgument('proxy', 'left out in Bare, where HTTP proxies are not supported', proxy)
}

/** What a browser's WebSocket passes to its listeners. */
type Listener = (event: object) => void

/** The interface of a browser's WebSocket, over a stream. */
class BareSocket {
  /** Messages are bytes, whatever it says. */
  binaryType = ''
  bufferedAmount = 0
  readonly #socket: Socket

  constructor(url: string) {
    this.#socket = new Socket(url, { maxPayload: MAX_MESSAGE_BYTES })
    // Each message comes as an event as well; what the stream keeps for readers would fill up.
    this.#socket.resume()
    this.#socket.on('error', ignore)
  }

  send(data: Uint8Array): void {
    this.bufferedAmount += data.byteLength
    this.#socket.write(data, () => {
      this.bufferedAmount -= data.byteLength
    })
  }

  close(code = 1000): void {
    this.#socket.close(code)
  }

  terminate(): void {
    this.#socket.destroy()
  }

  /** The status of an answer that is not a WebSocket is in the message only. */
  explain(error: unknown): unknown {
    const { code, message } = Object(error) as { code?: unknown; message?: unknown }
    const [, status] = /\bgot (?:status )?(\d{3})\b/.exec(String(message)) ?? []
    if (code !== 'INVALID_UPGRADE_STATUS' || status === undefined) return error
    const text = `the WebSocket upgrade was answered with ${status}`
    return new ProxyError(upgradeCode(Number(status)), text, { remote: true })
  }

  addEventListener(type: string, listener: Listener): void {
    const socket = this.#socket
    if (type === 'open') socket.on('open', () => listener({}))
    if (type === 'message') socket.on('message', (data, isBinary) => listener({ data: isBinary ? data : '' }))
    if (type === 'error') socket.on('error', (error) => listener({ error, message: error.message }))
    if (type === 'close')
      socket.on('close', () => listener({ code: socket.closeCode, reason: b4a.toString(socket.closeReason) }))
  }
}

function ignore(): void {}
