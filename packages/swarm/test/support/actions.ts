import { fc } from '../../../runtime/test/support/properties.js'
import type { DialFate, QueryFate } from './fake-network.js'
import { bytes32, createFakeNetwork, type FakeSwarm, type FakeSwarmOptions } from './fake-swarm.js'

const TOPICS = [bytes32(0xa1), bytes32(0xa2)]
const PEER_COUNT = 3
const MODES = [{}, { client: false }, { server: false }, { limit: 1 }]
const DIAL_FATES: DialFate[] = ['pass', 'hang', { code: 'PEER_NOT_FOUND' }, { code: 'HOLEPUNCH_ABORTED' }]
const QUERY_FATES: QueryFate[] = ['pass', 'fail']

const topic = fc.nat(TOPICS.length - 1)
const peer = fc.nat(PEER_COUNT - 1)

/** Something that the application or its environment does. */
export const action = fc.oneof(
  fc.record({ do: fc.constant('join' as const), topic, mode: fc.nat(MODES.length - 1) }),
  fc.record({ do: fc.constantFrom('leave' as const, 'leaveAndClose' as const, 'refresh' as const), topic }),
  fc.record({ do: fc.constantFrom('suspend' as const, 'resume' as const, 'networkChange' as const) }),
  fc.record({
    do: fc.constantFrom('joinPeer' as const, 'leavePeer' as const, 'connect' as const, 'abortConnect' as const),
    peer
  }),
  fc.record({
    do: fc.constantFrom(
      'disconnect' as const,
      'ban' as const,
      'banForAWhile' as const,
      'unban' as const,
      'kill' as const
    ),
    peer
  }),
  fc.record({ do: fc.constantFrom('dialBack' as const, 'restartPeer' as const), peer }),
  fc.record({ do: fc.constant('dialFate' as const), fate: fc.constantFrom(...DIAL_FATES) }),
  fc.record({ do: fc.constant('queryFate' as const), fate: fc.constantFrom(...QUERY_FATES) }),
  fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 1, 10, 300, 2000, 20_000) }),
  fc.record({ do: fc.constant('flush' as const) })
)
export type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

/** A swarm among a few peers, which performs the actions. Remembers every promise that it received. */
export class Stage {
  readonly fake = createFakeNetwork()
  readonly swarm: FakeSwarm
  readonly peers: FakeSwarm[]
  readonly flushes: Promise<boolean>[] = []
  readonly connects: Promise<string>[] = []
  readonly others: Promise<unknown>[] = []
  readonly #aborts: AbortController[] = []

  constructor(latencyMs: number, options: FakeSwarmOptions = {}) {
    this.fake.network.latencyMs = latencyMs
    this.swarm = this.fake.createSwarm({ dialTimeoutMs: 10_000, ...options })
    this.peers = Array.from({ length: PEER_COUNT }, (_, i) => this.#createPeer(bytes32(i + 1), i % 2 === 0))
  }

  async act(action: Action): Promise<void> {
    const { swarm } = this
    if (action.do === 'advance') return this.fake.clock.advance(action.ms)
    if (action.do === 'flush') this.flushes.push(swarm.flush())
    else if (action.do === 'suspend') this.others.push(swarm.suspend())
    else if (action.do === 'resume') this.others.push(swarm.resume())
    else if (action.do === 'networkChange') swarm.node.emit('network-change')
    else if (action.do === 'dialFate') this.fake.network.dialFate = () => action.fate
    else if (action.do === 'queryFate') this.fake.network.queryFate = () => action.fate
    else if ('topic' in action) this.#onTopic(action)
    else if ('peer' in action) this.#onPeer(action.do, action.peer)
  }

  #onTopic(action: Action & { topic: number }): void {
    const { swarm } = this
    const topic = TOPICS[action.topic] ?? bytes32(0)
    if (action.do === 'join') swarm.join(topic, MODES[action.mode] ?? {})
    else if (action.do === 'refresh') this.others.push(swarm.status(topic)?.refresh() ?? Promise.resolve())
    else this.others.push(swarm.leave(topic, { close: action.do === 'leaveAndClose' }))
  }

  #onPeer(what: Action['do'], index: number): void {
    const { swarm } = this
    const peer = this.peers[index]
    if (peer === undefined) return
    const { publicKey } = peer.keyPair
    const info = [...swarm.peers.values()].find((known) => known.publicKey.every((byte, i) => byte === publicKey[i]))
    if (what === 'joinPeer') swarm.joinPeer(publicKey)
    else if (what === 'leavePeer') swarm.leavePeer(publicKey)
    else if (what === 'connect') this.#connect(publicKey)
    else if (what === 'abortConnect') this.#aborts.pop()?.abort()
    else if (what === 'disconnect') this.others.push(swarm.disconnect(publicKey))
    else if (what === 'ban') info?.ban()
    else if (what === 'banForAWhile') info?.ban(true, { ttlMs: 500 })
    else if (what === 'unban') info?.ban(false)
    else if (what === 'kill') this.#kill(publicKey)
    else if (what === 'dialBack') this.others.push(peer.connect(swarm.keyPair.publicKey).catch(ignore))
    else if (what === 'restartPeer') this.#restart(index, peer)
  }

  #connect(publicKey: Uint8Array): void {
    const abort = new AbortController()
    this.#aborts.push(abort)
    const connected = this.swarm.connect(publicKey, { signal: abort.signal })
    this.connects.push(
      connected.then(
        () => 'OPENED',
        (error: { code: string }) => error.code
      )
    )
  }

  #kill(publicKey: Uint8Array): void {
    const open = [...this.swarm.connections].find((connection) =>
      connection.remotePublicKey.every((byte, i) => byte === publicKey[i])
    )
    open?.destroy(Object.assign(new Error('killed'), { code: 'ETIMEDOUT' }))
  }

  #restart(index: number, peer: FakeSwarm): void {
    this.others.push(peer.destroy())
    this.peers[index] = this.#createPeer(bytes32(index + 1), peer.node.servers[0]?.hasHandshake === true)
  }

  #createPeer(seed: Uint8Array, hasExtension: boolean): FakeSwarm {
    const peer = this.fake.createSwarm({ seed, hasExtension, dialTimeoutMs: 10_000 })
    for (const topic of TOPICS) peer.join(topic)
    return peer
  }
}

/** Whether a promise has settled by now; nothing pending may be due in the same tick. */
export async function unsettled(promises: Promise<unknown>[]): Promise<number> {
  let pending = promises.length
  for (const promise of promises) {
    const settle = () => {
      pending--
    }
    promise.then(settle, settle)
  }
  await new Promise((resolve) => setImmediate(resolve))
  return pending
}

function ignore(): void {}
