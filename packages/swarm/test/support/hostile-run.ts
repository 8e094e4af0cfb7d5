import { createRequire } from 'node:module'
import b4a from 'b4a'
import { expect } from 'vitest'
import { guardNode } from '../../src/native/guard/guard-node.js'
import type { Swarm } from '../../src/native/swarm.js'
import type { Query } from '../../src/network/dht-node.js'
import type { KeyPair } from '../../src/util/keys.js'
import {
  Draws,
  hostileHandshake,
  hostileHolepunch,
  hostileNodes,
  hostilePayload,
  hostilePunch,
  hostileReply,
  hostileValue
} from './hostile-bytes.js'
import {
  addressOf,
  COMMAND,
  firstMessage,
  handshakeMessage,
  MODE,
  type RawNode,
  relayFor,
  sending
} from './hostile-peer.js'

const require = createRequire(import.meta.url)
const { hash, keyPair: createKeyPair } = require('hypercore-crypto') as {
  hash(bytes: Uint8Array): Uint8Array
  keyPair(): KeyPair
}

/** Longer than a dial needs to fail, or to begin its hole punch. */
const MOST_ROUNDS = 20
const NO_RETRY = { retry: false }

/** The participants, all on one testnet. */
export interface Cast {
  /** Listens, accepts dials and makes dials. */
  readonly victim: Swarm
  readonly evil: readonly Evil[]
}

/** The attacker's nodes. */
export interface Evil {
  /** Serves, dials and asks. */
  readonly peer: RawNode
  /** Passes messages on with false content. */
  readonly relay: RawNode
}

type Attack = (cast: Cast, draws: Draws, evil: Evil) => Promise<unknown>

/** Makes hostile peers and nodes do `count` things to a swarm. Resolves to how often each was done. */
export async function attack(cast: Cast, count: number, seed: number): Promise<Record<string, number>> {
  // Only the victim is under test; the attackers are hit by what they provoke, and live in the same process.
  const nodes = cast.evil.flatMap(({ peer, relay: liar }) => [peer, liar])
  for (const node of nodes) guardNode(node)
  await Promise.all(nodes.map((node) => node.fullyBootstrapped()))
  const draws = new Draws(seed)
  const done: Record<string, number> = {}
  let left = count
  const work = async (evil: Evil): Promise<void> => {
    while (left-- > 0) {
      const [name, act] = ATTACKS[draws.below(ATTACKS.length)] as [string, Attack]
      await act(cast, draws, evil)
      done[name] = (done[name] ?? 0) + 1
    }
  }
  for (const { relay: liar } of cast.evil) lieTo(liar, draws)
  const stops = await Promise.all(cast.evil.map(({ peer }) => serve(peer, draws)))
  await Promise.all(cast.evil.map(work))
  await Promise.all(stops.map((stop) => stop()))
  return done
}

const ATTACKS: [string, Attack][] = [
  ['accept', accept],
  ['relay', relay],
  ['query', query],
  ['dial', dial],
  ['request', request],
  ['punch', punch]
]

/** The victim dials a peer that answers with a hostile payload. */
async function accept({ victim }: Cast, _draws: Draws, { peer }: Evil): Promise<void> {
  const { publicKey } = peer.defaultKeyPair
  const outcome = victim.connect(publicKey).then(ignore, expectCode)
  await Promise.race([outcome, rounds(victim, peer)])
  await victim.disconnect(publicKey)
  await outcome
}

/** After an answer come a few round trips; a hole punch that continues is cut short. */
async function rounds({ dht }: Swarm, peer: RawNode): Promise<void> {
  for (let i = 0; i < MOST_ROUNDS; i++) await peer.ping(addressOf(dht as RawNode))
}

/** The victim asks a node that makes everything up and refers it to nodes that do not exist. */
async function query({ victim }: Cast, draws: Draws, evil: Evil): Promise<void> {
  const { dht, keyPair } = victim
  const closestNodes = [{ id: null, ...addressOf(evil.relay) }]
  const target = createKeyPair().publicKey
  const queries = [
    () => dht.lookup(target, { closestNodes }),
    () => dht.announce(target, keyPair, [], { closestNodes }),
    () => dht.lookupAndUnannounce(target, keyPair, { closestNodes }),
    () => dht.findPeer(target, { closestNodes }) as Query
  ]
  const gets = [dht.immutableGet, dht.mutableGet].map(
    (get) => () => get.call(dht, target, { closestNodes, ...NO_FURTHER })
  )
  const choice = draws.below(queries.length + gets.length)
  const running = queries[choice]?.()
  const end = running?.finished() ?? gets[choice - queries.length]?.()
  const caught = end?.catch(ignore)
  await Promise.race([caught, rounds(victim, evil.peer)])
  running?.destroy()
  await caught
}

const NO_FURTHER = { onlyClosestNodes: true, retries: 0 }

/** Makes a node answer queries. */
function lieTo(node: RawNode, draws: Draws): void {
  const handle = node.onrequest.bind(node)
  node.onrequest = (request) => {
    if (request.command <= COMMAND.holepunch) return handle(request)
    request.reply(draws.next(hostileValue))
    return true
  }
  node.io.table.closest = () => draws.next(hostileNodes)
}

/** Makes a node accept, with hostile payloads, on its own key. Resolves to the outcome. */
async function serve(node: RawNode, draws: Draws): Promise<() => Promise<void>> {
  const server = node.createServer({ createHandshake: sending(() => draws.next(hostilePayload)) }, (connection) =>
    connection.on('error', ignore)
  )
  await server.listen(node.defaultKeyPair)
  return () => server.close()
}

/** The victim dials through a node that lies about everything. */
async function relay({ victim }: Cast, draws: Draws, evil: Evil): Promise<void> {
  const keyPair = createKeyPair()
  let onLie = ignore
  const lied = new Promise<void>((resolve) => {
    onLie = resolve
  })
  const to = relayFor(evil.relay, keyPair, {
    payload: () => draws.next(hostilePayload),
    reply: (noise) => {
      onLie()
      return draws.next(draws.below(2) === 0 ? hostileReply(noise) : hostileHandshake(noise))
    },
    punch: (seal) => seal(draws.next(hostilePunch))
  })
  const connection = (victim.dht as RawNode).connect(keyPair.publicKey, { relayAddresses: [to] }).on('error', ignore)
  await lied
  await rounds(victim, evil.peer)
  connection.destroy()
}

/** A hostile payload in a handshake, as if from a peer, or as if relayed by a node from any address. */
async function dial({ victim }: Cast, draws: Draws, { peer }: Evil): Promise<void> {
  const noise = firstMessage(createKeyPair(), victim.keyPair.publicKey, draws.next(hostilePayload))
  const value =
    draws.below(2) === 0
      ? handshakeMessage(MODE.fromClient, noise)
      : handshakeMessage(MODE.fromRelay, noise, { host: '127.0.0.1', port: draws.below(2) * 9 })
  await ask(victim, peer, COMMAND.handshake, value)
}

/** A request of one of the two kinds that carry something, made of hostile fields. */
async function request({ victim }: Cast, draws: Draws, { peer }: Evil): Promise<void> {
  const noise = firstMessage(createKeyPair(), victim.keyPair.publicKey, draws.next(hostilePayload))
  if (draws.below(2) === 0) await ask(victim, peer, COMMAND.handshake, draws.next(hostileHandshake(noise)))
  else await ask(victim, peer, COMMAND.holepunch, draws.next(hostileHolepunch(noise)))
}

/** Requests of every other kind, and of kinds that do not exist. */
async function punch({ victim }: Cast, draws: Draws, { peer }: Evil): Promise<void> {
  await ask(victim, peer, draws.below(14), draws.next(hostileHolepunch(b4a.alloc(40, 1))))
}

/** Resolves when the victim has received the request, whether or not it answers. */
async function ask(victim: Swarm, peer: RawNode, command: number, value: Uint8Array): Promise<void> {
  const to = addressOf(victim.dht as RawNode)
  peer.request({ command, target: hash(victim.keyPair.publicKey), value }, to, NO_RETRY).catch(ignore)
  await peer.ping(to)
}

/** Whatever a peer does, the dial to it ends with a code. */
function expectCode(error: unknown): void {
  expect(error).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) })
}

function ignore(): void {}
