/** Requests and responses between peers: methods with JSON, by protomux-rpc. */
import type { Connection } from '@swarmway/swarm'
import b4a from 'b4a'
import ProtomuxRPC from 'protomux-rpc'

/** Milliseconds until a request is rejected, if it is not told otherwise. */
const TIMEOUT_MS = 10_000

/** What a peer may ask, by name. What a method throws reaches the peer that asked,
 * as the `cause` of REQUEST_ERROR. */
export type Methods = Readonly<Record<string, (value: unknown) => unknown>>

/** A peer that can be asked. */
export class RpcPeer {
  readonly #rpc: ProtomuxRPC

  /** Call it in the event `connection`, on both sides: a request that arrives earlier is rejected. */
  constructor(connection: Connection, methods: Methods = {}) {
    this.#rpc = new ProtomuxRPC(connection)
    for (const [name, method] of Object.entries(methods)) {
      this.#rpc.respond(name, async (request) => encode(await method(decode(request))))
    }
  }

  /** Rejects if the peer has no such method, if the method throws, after `timeoutMs`, and when the connection closes. */
  async ask(method: string, value: unknown, timeoutMs = TIMEOUT_MS): Promise<unknown> {
    return decode(await this.#rpc.request(method, encode(value), { timeout: timeoutMs }))
  }
}

function encode(value: unknown): Uint8Array {
  return b4a.from(JSON.stringify(value ?? null))
}

function decode(bytes: Uint8Array): unknown {
  return JSON.parse(b4a.toString(bytes, 'utf8'))
}
