/** A running proxy server that wants to be on the direct path between its clients, with WebRTC in Node. */
import { randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import b4a from 'b4a'
import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { describe, expect, onTestFinished, test } from 'vitest'
import { randomFrom } from '../../../runtime/test/support/random.js'
import { until } from '../../../runtime/test/support/until.js'
import { encodeControl } from '../../../swarm/src/paths/control.js'
import { FRAME_KIND, frameHeader } from '../../../swarm/src/paths/frame-reader.js'
import { PathSeal } from '../../../swarm/src/paths/seal.js'
import type { ProxyClient, Rtc } from '../../src/index.js'
import { falsePeer } from '../support/false-peer.js'
import { connectionBetween, createRig } from '../support/rig.js'
import { type PassingFrame, type ServerInTheMiddle, serverInTheMiddle } from '../support/server-in-the-middle.js'
import { echo, exchange } from '../support/transfer.js'
import { type WatchedRtc, watchedRtc } from '../support/watched-rtc.js'

const MEBIBYTE = 1024 * 1024
/** Descriptions are longer than anything else that two clients tell each other about paths. */
const MIN_DESCRIPTION_BYTES = 300
/** Where a message begins in its frame, sealed: behind the headers of the frame and of the seal. */
const MESSAGE_OFFSET = 4 + 24

interface Clients {
  readonly server: ServerInTheMiddle
  readonly swarms: readonly [ProxyClient, ProxyClient]
}

interface Scene extends Clients {
  readonly implementations: readonly [WatchedRtc, WatchedRtc]
}

/** Two clients of a server. The first one dials. */
async function createScene(): Promise<Scene> {
  const implementations = [watchedRtc(), watchedRtc()] as const
  return { ...(await createClients(implementations)), implementations }
}

/** The same, with this WebRTC. */
async function createClients(implementations: readonly [Rtc, Rtc]): Promise<Clients> {
  const server = serverInTheMiddle()
  const rig = await createRig({ testnet: null })
  const [one, other] = implementations.map((rtc) => rig.createSwarm({ direct: { rtc, localAddresses: true } })) as [
    ProxyClient,
    ProxyClient
  ]
  await other.listen()
  return { server, swarms: [one, other] }
}

async function connect({ swarms: [one, other] }: Clients): Promise<[Connection, Connection]> {
  void one.connect(other.keyPair.publicKey)
  return connectionBetween(one, other)
}

/** What an application can see of refusals, of both sides together. */
function refusals({ swarms }: Clients): number {
  return swarms.reduce((sum, { stats }) => sum + stats.direct.refused, 0)
}

function isDirect(ends: readonly Connection[]): boolean {
  return ends.every(({ path }) => path === 'direct')
}

function fingerprintOf(sdp: string): string {
  return /a=fingerprint:sha-256 (\S+)/.exec(sdp)?.[1] ?? ''
}

/** Whether the two have WebRTC that has connected, to whomever. */
function haveConnected({ implementations }: Scene): boolean {
  return implementations.some(({ made }) => made.some(({ connectionState }) => connectionState === 'connected'))
}

/** The part of a peer connection that is used here. Its types are those of the DOM, which tests in Node do not load. */
interface OwnConnection {
  readonly connectionState: string
  readonly localDescription: { readonly sdp: string }
  readonly ext_localCandidates: readonly { readonly candidate: string }[]
  createDataChannel(label: string): void
  close(): void
}

/** A peer connection of the server's own, with a description and, soon, an address. */
function serverPeerConnection(): OwnConnection {
  const Used = RTCPeerConnection as unknown as new (configuration: object) => OwnConnection
  const own = new Used({ iceServers: [], bindAddress: '127.0.0.1' })
  own.createDataChannel('')
  onTestFinished(() => own.close())
  return own
}

test('a server sees nothing of descriptions and addresses', async () => {
  const scene = await createScene()
  const ends = await connect(scene)
  await until('both sides are on the direct path', () => isDirect(ends))
  const descriptions = scene.implementations.map(({ made }) => made.at(-1)?.localDescription.sdp ?? '')
  const secrets = descriptions.flatMap((sdp) => [
    fingerprintOf(sdp),
    ...[...sdp.matchAll(/a=(?:ice-ufrag|ice-pwd|candidate):(.*)/g)].map(([, value = '']) => value.trim())
  ])
  expect(secrets.length).toBeGreaterThanOrEqual(6)
  const seen = b4a.toString(b4a.concat(scene.server.seen.map(({ bytes }) => bytes)), 'latin1')
  expect(scene.server.seen.filter(({ isSignal }) => isSignal).length).toBeGreaterThanOrEqual(4)
  for (const text of [...secrets, 'fingerprint', 'candidate', 'ice-ufrag', '127.0.0.1'])
    expect([text, seen.includes(text)]).toEqual([text, false])
})

test('a server that puts its own fingerprint into descriptions, of which it knows every word, is refused', async () => {
  const scene = await createScene()
  const own = fingerprintOf(serverPeerConnection().localDescription.sdp)
  let changed = 0
  scene.server.meddle = ({ bytes, isSignal, to }) => {
    if (!isSignal || bytes.byteLength < MIN_DESCRIPTION_BYTES) return [bytes]
    const { sdp = '', type = 'offer' } =
      scene.implementations[to === 'accepting' ? 0 : 1].made.at(-1)?.localDescription ?? {}
    const theirs = fingerprintOf(sdp)
    const message = b4a.toString(encodeControl({ type, attempt: 1, index: 0, text: sdp }))
    const forged = Uint8Array.from(bytes)
    const at = MESSAGE_OFFSET + message.indexOf(theirs)
    // The cipher is a stream: were it not authenticated, this would be the server's fingerprint instead of the peer's.
    for (let i = 0; i < own.length; i++)
      forged[at + i] = (forged[at + i] ?? 0) ^ theirs.charCodeAt(i) ^ own.charCodeAt(i)
    changed++
    return [forged]
  }
  const ends = await connect(scene)
  await until('the refusal is counted', () => refusals(scene) > 0)
  await exchange(...ends, MEBIBYTE)
  expect(own).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
  await until('each refusal is counted', () => refusals(scene) === changed)
  expect([ends.map(({ path }) => path), haveConnected(scene)]).toEqual([['proxied', 'proxied'], false])
})

describe('a server that replays signals', () => {
  test('of this connection is refused each time, and two clients still find each other', async () => {
    const scene = await createScene()
    let replayed = 0
    scene.server.meddle = ({ bytes, isSignal }) => {
      if (isSignal) replayed++
      return isSignal ? [bytes, bytes] : [bytes]
    }
    const ends = await connect(scene)
    await until('both sides are on the direct path', () => isDirect(ends))
    for (const { bytes, isSignal, to } of [...scene.server.seen])
      if (isSignal) {
        scene.server.send(to, bytes)
        replayed++
      }
    await until('each replay is counted', () => refusals(scene) === replayed)
    await exchange(...ends, MEBIBYTE)
    expect([isDirect(ends), replayed > 8]).toEqual([true, true])
    expect(scene.swarms.map(({ stats }) => stats.direct.opened)).toEqual([1, 1])
  })

  test('of an earlier connection of the same two peers, in place of the new ones, keeps it proxied', async () => {
    const scene = await createScene()
    const first = await connect(scene)
    await until('both sides are on the direct path', () => isDirect(first))
    const old = scene.server.seen.filter(({ isSignal }) => isSignal)
    first[0].destroy()
    await until('the other side has closed', () => first[1].destroyed)
    const before = scene.implementations.map(({ made }) => made.length)
    const next: Record<PassingFrame['to'], number> = { dialling: 0, accepting: 0 }
    scene.server.meddle = ({ bytes, isSignal, to }) => {
      const earlier = old.filter((frame) => frame.to === to)
      return isSignal ? [earlier[next[to]++ % earlier.length]?.bytes ?? bytes] : [bytes]
    }
    const ends = await connect(scene)
    await until('the refusal is counted', () => refusals(scene) > 0)
    await exchange(...ends, MEBIBYTE)
    expect(ends.map(({ path }) => path)).toEqual(['proxied', 'proxied'])
    expect(scene.implementations.map(({ made }) => made.length)).toEqual(before)
  })
})

// What a peer tells WebRTC comes late, twice, out of order, or never: the path opens, or it does not.
test.each([1, 2, 3, 4])('a server that drops, repeats and reorders signals (seed %i) spoils no byte', async (seed) => {
  const scene = await createScene()
  const random = randomFrom(seed)
  const held: Record<PassingFrame['to'], Uint8Array[]> = { dialling: [], accepting: [] }
  let repeated = 0
  scene.server.meddle = ({ bytes, isSignal, to }) => {
    const late = isSignal ? [] : held[to].splice(0)
    if (!isSignal) return [bytes, ...late]
    const what = repeated === 0 ? 0 : random(6)
    if (what < 2) repeated++
    else if (what === 2) return []
    else if (what === 3) {
      held[to].push(bytes)
      return []
    }
    return what < 2 ? [bytes, bytes] : [bytes]
  }
  const ends = await connect(scene)
  await until('it has begun', () => repeated > 0)
  for (let i = 0; i < 4; i++) await exchange(...ends, MEBIBYTE)
  await until('the refusals are counted', () => refusals(scene) >= repeated)
  expect(ends.map(({ destroyed }) => destroyed)).toEqual([false, false])
})

test('a server that offers its own peer connection to both sides is refused, and never connected', async () => {
  const scene = await createScene()
  const own = serverPeerConnection()
  const seal = new PathSeal({ tx: randomBytes(32), rx: randomBytes(32) }, 0)
  const forge = (type: 'ask' | 'ready' | 'offer' | 'answer' | 'candidate', text: string) => {
    const sealed = seal.seal(encodeControl({ type, attempt: 1, index: 0, text }))
    return b4a.concat([frameHeader(FRAME_KIND.control, sealed.byteLength), sealed])
  }
  await until('it has an address', () => own.ext_localCandidates.length > 0)
  const { sdp } = own.localDescription
  const candidate = own.ext_localCandidates[0]?.candidate ?? ''
  const forged = [
    forge('ask', 'f'.repeat(32)),
    forge('ready', 'f'.repeat(32)),
    forge('offer', sdp),
    forge('answer', sdp),
    forge('candidate', candidate)
  ]
  let isFirst = true
  scene.server.meddle = ({ bytes }) => {
    const before = isFirst ? forged : []
    isFirst = false
    return [...before, bytes]
  }
  const ends = await connect(scene)
  await until('each forged signal is counted', () => refusals(scene) === forged.length)
  await until('both sides are on the direct path', () => isDirect(ends))
  await exchange(...ends, MEBIBYTE)
  expect(own.connectionState).not.toBe('connected')
})

describe('if WebRTC itself is fooled, so that a server is at the other end of the channel,', () => {
  test('nothing moves there, unless that end has the keys of the connection', async () => {
    const server = falsePeer()
    server.isCarrying = false
    // Something sealed by somebody else, and data.
    server.greeting = [b4a.concat([Uint8Array.of(FRAME_KIND.control), randomBytes(40)]), b4a.alloc(1000)]
    const clients = await createClients(server.implementations)
    const ends = await connect(clients)
    const haveRefused = () => clients.swarms.every(({ stats }) => stats.direct.failed > 0 && stats.direct.refused > 0)
    await until('both have refused it', haveRefused)
    await exchange(...ends, MEBIBYTE)
    expect(clients.swarms.map(({ stats }) => stats.direct.opened)).toEqual([0, 0])
    expect(ends.map(({ path }) => path)).toEqual(['proxied', 'proxied'])
    // Each has said hello, which is sealed.
    expect(server.seen.every(({ byteLength }) => byteLength < 100)).toBe(true)
  })

  test('and passes on what it gets, it reads nothing', async () => {
    const server = falsePeer()
    const clients = await createClients(server.implementations)
    const ends = await connect(clients)
    await until('both sides are on the direct path', () => isDirect(ends))
    const text = 'only for the other end '.repeat(1000)
    await echo(...ends, text)
    const seen = b4a.toString(b4a.concat(server.seen), 'latin1')
    expect(seen.length).toBeGreaterThan(2 * text.length)
    expect(seen).not.toContain(text.slice(0, 23))
    await exchange(...ends, MEBIBYTE)
  })
})
