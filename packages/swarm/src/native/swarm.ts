import { systemClock } from '@swarmway/runtime'
import cenc from 'compact-encoding'
import HyperDHT from 'hyperdht'
import messages from 'hyperdht/lib/messages.js'
import type { PayloadCodec } from '../handshake/noise.js'
import type { DhtNode } from '../network/dht-node.js'
import type { SwarmOptions } from '../swarm/options.js'
import { SwarmCore } from '../swarm/swarm-core.js'
import { verifyNodeOptions } from '../swarm/verify-options.js'
import type { KeyPair } from '../util/keys.js'
import { announceEarlyOn } from './announce-early.js'
import { countHonestly } from './counted-hosts.js'
import { guardNode } from './guard/guard-node.js'
import { rememberRelay } from './guard/relays.js'
import { hyperdhtProbe } from './hyperdht-probe.js'
import { lanNetwork } from './lan-network.js'
import { watchLeftNode } from './left-open.js'
import { punchEarly } from './punch-early.js'
import { paceSender } from './receive-window/pace-sender.js'
import { askRelaysFirst } from './relays-first.js'
import { releaseHandshakes } from './release-handshakes.js'
import { pathSecretStreams } from './secret-stream.js'
import { assertUdxRuns } from './udx-support.js'

/** HyperDHT's own encoding of its Noise payloads. Its decoder ignores the bytes that follow. */
export const hyperdhtCodec: PayloadCodec = {
  encode: (payload) => cenc.encode(messages.noisePayload, payload),
  decode: (bytes) => {
    const payload = cenc.decode(messages.noisePayload, bytes)
    rememberRelay(payload)
    return payload
  },
  isOffer: (payload) => 'version' in payload && payload.version === 1 && 'udx' in payload && payload.udx !== null,
  // A server answers a payload that offers no stream with an error.
  refuse: (payload) => Object.assign(payload, { udx: null })
}

/** A topic-based swarm over HyperDHT. It does everything that hyperswarm 4.17 does. */
export class Swarm extends SwarmCore {
  /** Throws a `TypeError` that names the first bad option; `UNSUPPORTED_RUNTIME` in Bun and Deno, unless it is given a `dht`. */
  constructor(options: SwarmOptions = {}) {
    verifyNodeOptions(options)
    super(options, (keyPair) => {
      const node = options.dht ?? createNode(options, keyPair)
      guardNode(node)
      const ownsNode = options.dht === undefined || options.ownsDht === true
      const clock = options.clock ?? systemClock
      askRelaysFirst(node, clock)
      punchEarly(node)
      countHonestly(node, clock)
      releaseHandshakes(node)
      const probe = hyperdhtProbe(node, clock)
      const found = { ...(probe && { probe }), ...lanNetwork(options, node, keyPair) }
      const createSecretStream = pathSecretStreams(options.clock)
      const announceEarly = announceEarlyOn(node, clock)
      const onNodeLeft = () => options.ownsDht === undefined && watchLeftNode(node)
      const made = { codec: codecOf(node), createSecretStream, announceEarly, onOpened: paceSender }
      return { node, ownsNode, onNodeLeft, ...made, ...found }
    })
  }
}

/** A node behind a proxy passes payloads on, for the proxy server to read. */
function codecOf({ payloadCodec = hyperdhtCodec }: DhtNode & { readonly payloadCodec?: PayloadCodec }): PayloadCodec {
  return payloadCodec
}

/** Makes the HyperDHT node of a swarm that was not given one. */
function createNode(options: SwarmOptions, keyPair: KeyPair): DhtNode {
  assertUdxRuns()
  const { bootstrap, nodes, port, host, ephemeral, deferRandomPunch, randomPunchInterval } = options
  const given = { bootstrap, nodes, port, host, ephemeral, deferRandomPunch, randomPunchInterval }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return new HyperDHT({ keyPair, ...Object.fromEntries(set) }) as unknown as DhtNode
}
