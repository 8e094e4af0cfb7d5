import { assertUdxRuns, holdNode } from '@swarmway/swarm/hyperdht'
import type { ProxyServerOptions } from '../options.js'
import type { HyperDht } from './hyperdht.js'
import { HyperDHT } from './native.js'

/** The DHT node of a server: its own, one that it was given, or none. */
export class ServerNode {
  readonly dht: HyperDht | null
  /** Returns whether the node is to be destroyed with the server. */
  readonly #leave: () => boolean

  /** @throws SwarmError UNSUPPORTED_RUNTIME if it would have to create one where UDX does not run */
  constructor(options: ProxyServerOptions) {
    const { dht, ownsDht } = options
    this.dht = dht === undefined ? create(options) : (dht as HyperDht | null)
    const hold = dht === undefined || dht === null ? null : holdNode(dht)
    const isOwned = dht === undefined || ownsDht === true
    this.#leave = () => (hold === null || hold.release(ownsDht === undefined)) && isOwned
  }

  /** The server does not use it any more. */
  async leave(): Promise<void> {
    // What could be withdrawn has been, or took too long.
    if (this.#leave()) await this.dht?.destroy({ force: true })
  }
}

function create({ bootstrap, host, port }: ProxyServerOptions): HyperDht {
  assertUdxRuns()
  const given = Object.entries({ bootstrap, host, port }).filter(([, value]) => value !== undefined)
  return new HyperDHT(Object.fromEntries(given))
}
