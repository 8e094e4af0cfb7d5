import { onTestFinished } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import type { PeerFinder } from '../../src/discovery/finder.js'
import type { CoreOptions } from '../../src/swarm/options.js'
import { SwarmCore } from '../../src/swarm/swarm-core.js'
import { fakeCodec } from './fake-handshake.js'
import { FakeNetwork } from './fake-network.js'
import type { FakeNode } from './fake-node.js'
import type { FakeProbe } from './fake-probe.js'

export interface FakeSwarmOptions extends CoreOptions {
  node?: FakeNode
  /** False makes a swarm without the handshake extension, like another implementation. Default: true. */
  hasExtension?: boolean
  ownsNode?: boolean
  /** Finds out whether the network answers. Default: the node says so. */
  probe?: FakeProbe
  /** Finds peers in addition to the node, as the peer with this key. */
  createFinder?: (publicKey: Uint8Array) => PeerFinder
}

/** A swarm on a fake node, with the node at hand. */
export class FakeSwarm extends SwarmCore {
  readonly node: FakeNode

  constructor(network: FakeNetwork, options: FakeSwarmOptions = {}) {
    const {
      node = network.createNode(),
      hasExtension = true,
      ownsNode = false,
      probe,
      createFinder,
      ...given
    } = options
    const codec = hasExtension ? fakeCodec : null
    super({ clock: network.clock, wallClock: network.clock.wall, random: createRandom(), ...given }, (keyPair) => ({
      node,
      ownsNode,
      codec,
      ...(probe && { probe }),
      ...(createFinder && { createFinders: () => [createFinder(keyPair.publicKey)] })
    }))
    this.node = node
  }
}

/** A network and its clock, a new one by default; everything made on it is destroyed at the end of the test. */
export function createFakeNetwork(clock = new FakeClock()) {
  const network = new FakeNetwork(clock)
  const swarms: FakeSwarm[] = []
  const createSwarm = (options: FakeSwarmOptions = {}): FakeSwarm => {
    const swarm = new FakeSwarm(network, options)
    swarms.push(swarm)
    return swarm
  }
  const destroy = async () => {
    const destroyed = Promise.all(swarms.map((swarm) => swarm.destroy()))
    await clock.advance(60_000)
    await destroyed
  }
  onTestFinished(destroy)
  return { clock, network, createSwarm, destroy }
}

/** Random numbers from 0 up to 1 that are the same in each run (mulberry32). */
export function createRandom(seed = 1): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A topic or key whose bytes are all `byte`. */
export function bytes32(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte)
}
