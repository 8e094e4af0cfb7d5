import { assertUdxRuns, holdNode, type NodeHold } from '@swarmway/swarm/hyperdht'
import type { ProxyServerOptions } from '../options.js'
import type { HyperDht } from './hyperdht.js'
import { HyperDHT } from './native.js'

/** The DHT node of a server: its own, one that it was given, or none. */
export class ServerNode {
  readonly dht: HyperDht | null
  readonly #ownsDht: boolean | undefined
  /** Null if nobody else can use the node. */
  readonly #hold: NodeHold | null

  /** @throws SwarmError UNSUPPORTED_RUNTIME if it would have to create one where UDX does not run */
  constructor(options: ProxyServerOptions) {
    const { dht, ownsDht } = options
    this.dht = dht === undefined ? create(options) : (dht as HyperDht | null)
    this.#hold = dht === undefined || dht === null ? null : holdNode(dht)
    this.#ownsDht = dht === undefined || ownsDht
  }

  /** The server does not use it any more. */
  async leave(): Promise<void> {
    const isUnused = this.#hold?.release(this.#ownsDht === undefined) ?? true
    // What could be withdrawn has been, or took too long.
    if (isUnused && this.#ownsDht === true) await this.dht?.destroy({ force: true })
  }

  /** For a server that could not be made: a given node stays its owner's. */
  abandon(): void {
    if (this.#hold === null) this.leave().catch(ignore)
    else this.#hold.release(false)
  }
}

function ignore(): void {}

function create({ bootstrap, host, port }: ProxyServerOptions): HyperDht {
  assertUdxRuns()
  const given = Object.entries({ bootstrap, host, port }).filter(([, value]) => value !== undefined)
  return new HyperDHT(Object.fromEntries(given))
}
