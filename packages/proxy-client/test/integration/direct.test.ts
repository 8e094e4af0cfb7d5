/** Direct paths between clients, and between a client and a native peer, with WebRTC in Node. */
import { createHash, randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import b4a from 'b4a'
import { describe, expect, onTestFinished, test } from 'vitest'
import { StunResponder } from '../../../proxy-server/src/index.js'
import { pause, turns, until } from '../../../runtime/test/support/until.js'
import type { DirectOptions, ProxyClient } from '../../src/index.js'
import { connectionBetween, createRig, type Network, type RigClientOptions } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'
import { memory, TRANSPORTS, type Transport } from '../support/transports.js'
import { watchedRtc } from '../support/watched-rtc.js'

/** The option of a client on this machine, whose addresses are local ones. */
function direct(options: Partial<DirectOptions> = {}): DirectOptions {
  return { rtc: watchedRtc(), localAddresses: true, ...options }
}

async function meet(
  rig: Network,
  options: [RigClientOptions, RigClientOptions]
): Promise<{ swarms: [ProxyClient, ProxyClient]; ends: [Connection, Connection] }> {
  const swarms: [ProxyClient, ProxyClient] = [rig.createSwarm(options[0]), rig.createSwarm(options[1])]
  await swarms[1].listen()
  void swarms[0].connect(swarms[1].keyPair.publicKey)
  const ends = await connectionBetween(...swarms)
  return { swarms, ends }
}

function isDirect(ends: readonly Connection[]): boolean {
  return ends.every(({ path }) => path === 'direct')
}

/** Sends random bytes from one end to the other, and compares. */
async function transfer(from: Connection, to: Connection, megabytes: number): Promise<void> {
  const [sent, received] = [createHash('sha256'), createHash('sha256')]
  const total = megabytes * 1_000_000
  let left = total
  const arrived = new Promise<void>((resolve, reject) => {
    const onData = (data: Uint8Array) => {
      received.update(data)
      left -= data.byteLength
      if (left <= 0) {
        to.off('data', onData)
        resolve()
      }
    }
    to.on('data', onData)
    to.on('close', () => reject(new Error('the connection closed')))
  })
  for (let written = 0; written < total; ) {
    const chunk = randomBytes(Math.min(total - written, 50_000))
    sent.update(chunk)
    written += chunk.byteLength
    if (!from.write(chunk)) await new Promise<void>((resolve) => from.once('drain', resolve))
  }
  await arrived
  expect(received.digest('hex')).toBe(sent.digest('hex'))
}

describe('two clients of a server', () => {
  test('move to a direct path, over which their data go', async () => {
    const rig = await createRig({ testnet: null })
    const paths: string[] = []
    const control = new LinkControl()
    const { ends, swarms } = await meet(rig, [{ direct: direct(), control }, { direct: direct() }])
    ends[0].on('path', (path) => paths.push(path))
    await until('both sides are on the direct path', () => isDirect(ends))
    expect(paths).toEqual(['direct'])
    control.record = true
    await transfer(ends[1], ends[0], 5)
    expect(control.recorded.received.byteLength).toBeLessThan(50_000)
    expect(swarms.map(({ stats }) => stats.direct.bytesSent >= 5_000_000)).toEqual([false, true])
    // An attempt may fail on a busy machine; the next one is a second later.
    expect(swarms.map(({ stats }) => stats.direct)).toMatchObject(
      swarms.map(() => ({ current: 1, opened: 1, lost: 0, regained: 0, refused: 0 }))
    )
    await swarms[0].destroy()
    await until('the other side has closed', () => ends[1].destroyed)
    expect(swarms[1].stats.direct.current).toBe(0)
  })

  test('change their path five times in a transfer, and lose, repeat and reorder nothing', async () => {
    const rig = await createRig({ testnet: null })
    const both = [watchedRtc(), watchedRtc()] as const
    const { ends } = await meet(rig, [{ direct: direct({ rtc: both[0] }) }, { direct: direct({ rtc: both[1] }) }])
    const paths: string[] = []
    ends[0].on('path', (path) => paths.push(path))
    let isDone = false
    const moved = Promise.all([transfer(ends[0], ends[1], 20), transfer(ends[1], ends[0], 20)])
    const changes = (async () => {
      for (let i = 0; !isDone && paths.length < 5; i++) {
        await until(() => isDirect(ends) || isDone)
        await turns(20)
        both[i % 2]?.made.at(-1)?.close()
        await until(() => !isDirect(ends) || isDone)
      }
    })()
    await moved
    isDone = true
    await changes
    await until(() => isDirect(ends))
    await transfer(ends[0], ends[1], 1)
    expect(paths.length).toBeGreaterThanOrEqual(1)
  })

  test('live on when the server stops', async () => {
    const rig = await createRig({ testnet: null })
    const { ends, swarms } = await meet(rig, [{ direct: direct() }, { direct: direct() }])
    await until('both sides are on the direct path', () => isDirect(ends))
    await rig.server.destroy()
    await until('the links are down', () => swarms.every(({ connected }) => !connected))
    await transfer(ends[0], ends[1], 2)
    await transfer(ends[1], ends[0], 2)
    expect(isDirect(ends)).toBe(true)
  })

  test('say nothing about addresses that their server could read', async () => {
    const rig = await createRig({ testnet: null })
    const control = new LinkControl()
    control.record = true
    const { ends } = await meet(rig, [{ direct: direct(), control }, { direct: direct() }])
    await until('both sides are on the direct path', () => isDirect(ends))
    const all = b4a.toString(b4a.concat([control.recorded.sent, control.recorded.received]), 'latin1')
    for (const word of ['candidate', 'fingerprint', 'sha-256']) expect(all.includes(word)).toBe(false)
  })
})

describe('a connection stays proxied', () => {
  test.each([0, 1])('and its bytes as they are, if only side %i has direct paths', async (side) => {
    const rig = await createRig({ testnet: null })
    const options: [RigClientOptions, RigClientOptions] = [{}, {}]
    options[side] = { direct: direct() }
    const { ends } = await meet(rig, options)
    await transfer(ends[0], ends[1], 1)
    expect(ends.map(({ path }) => path)).toEqual(['proxied', 'proxied'])
    expect(ends.map(({ rawStream }) => rawStream?.constructor.name)).toEqual(['PeerStream', 'PeerStream'])
  })

  test.each([0, 1])('if side %i does not allow the peer, which sees no address', async (side) => {
    const rig = await createRig({ testnet: null })
    const asked: string[] = []
    const allow: DirectOptions['allow'] = (peer) => {
      asked.push(b4a.toString(peer.publicKey, 'hex'))
      return false
    }
    const options: [RigClientOptions, RigClientOptions] = [{ direct: direct() }, { direct: direct() }]
    options[side] = { direct: direct({ allow }) }
    const { ends, swarms } = await meet(rig, options)
    await until('the application was asked', () => asked.length > 0)
    await transfer(ends[0], ends[1], 1)
    expect(asked[0]).toBe(b4a.toString(swarms[1 - side]?.keyPair.publicKey as Uint8Array, 'hex'))
    expect(ends.map(({ path }) => path)).toEqual(['proxied', 'proxied'])
    expect(swarms[side]?.stats.direct.attempts).toBe(0)
  })

  test('if the addresses are local ones, which a peer of its own WebRTC does not try by default', async () => {
    const rig = await createRig({ testnet: null })
    const options = { direct: { rtc: watchedRtc() } }
    const { ends, swarms } = await meet(rig, [options, { direct: { rtc: watchedRtc() } }])
    await until('both have tried', () => swarms.every(({ stats }) => stats.direct.attempts === 1))
    await transfer(ends[0], ends[1], 1)
    // Long after it would have opened.
    await pause(300)
    expect(ends.map(({ path }) => path)).toEqual(['proxied', 'proxied'])
  })
})

test('ICE servers and the policy reach WebRTC', async () => {
  const rig = await createRig({ testnet: null })
  const both = [watchedRtc(), watchedRtc()] as const
  const iceServers = [{ urls: 'turn:127.0.0.1:9', username: 'a', credential: 'b' }]
  await meet(rig, [
    { direct: direct({ rtc: both[0], iceServers, policy: 'relay' }) },
    { direct: direct({ rtc: both[1] }) }
  ])
  await until('both have begun', () => both.every(({ made }) => made.length > 0))
  expect(both.map(({ made }) => made[0]?.configuration)).toEqual([
    { iceServers, iceTransportPolicy: 'relay' },
    { iceServers: [], iceTransportPolicy: 'all' }
  ])
})

test.each<[string, Transport, string[]]>([
  ['whose name it knows', TRANSPORTS['a WebSocket'] as Transport, ['stun:127.0.0.1:3478']],
  ['whose name it does not know', memory(), []]
])('a client asks the STUN server of a proxy server %s', async (_, transport, urls) => {
  const rig = await createRig({ testnet: null, transport, server: { stunPort: 3478 } })
  const both = [watchedRtc(), watchedRtc()] as const
  const own = [{ urls: 'stun:127.0.0.1:9' }]
  await meet(rig, [
    { direct: direct({ rtc: both[0], iceServers: own }) },
    { direct: direct({ rtc: both[1], iceServers: own }) }
  ])
  await until('both have begun', () => both.every(({ made }) => made.length > 0))
  const servers = ['stun:127.0.0.1:9', ...urls]
  const asked = both.map(({ made }) => made[0]?.configuration.iceServers.flatMap((server) => server.urls))
  expect(asked).toEqual([servers, servers])
})

test('WebRTC in Node asks a STUN responder, and gets answers', async () => {
  const responder = await StunResponder.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => responder.close())
  const transport = TRANSPORTS['a WebSocket'] as Transport
  const rig = await createRig({ testnet: null, transport, server: { stunPort: responder.port } })
  await meet(rig, [{ direct: direct() }, { direct: direct() }])
  await until('answers', () => responder.answered > 0)
  expect(responder.ignored).toBe(0)
})

test('a client and a native peer move to a direct path, in either direction of the dial', async () => {
  const rig = await createRig()
  const client = rig.createSwarm({ direct: direct() })
  // As the docs say it.
  const dialled = rig.createNative({ direct: { rtc: await import('node-datachannel/polyfill'), localAddresses: true } })
  const dialling = rig.createNative({ direct: direct() })
  await Promise.all([dialled.listen(), client.listen()])
  void client.connect(dialled.keyPair.publicKey)
  void dialling.connect(client.keyPair.publicKey)
  for (const native of [dialled, dialling]) {
    const ends = await connectionBetween(client, native)
    await until('both sides are on the direct path', () => isDirect(ends))
    await transfer(ends[0], ends[1], 3)
    await transfer(ends[1], ends[0], 3)
  }
})

test('two native peers with paths, and one of them with hyperswarm', async () => {
  const rig = await createRig()
  const [one, other] = [rig.createNative({ direct: direct() }), rig.createNative({ direct: direct() })]
  const third = rig.createHyperswarm()
  await Promise.all([other.listen(), third.listen()])
  void one.connect(other.keyPair.publicKey)
  void one.connect(third.keyPair.publicKey)
  const ends = await connectionBetween(one, other)
  await transfer(ends[0], ends[1], 3)
  const mixed = await connectionBetween(one, third)
  await transfer(mixed[1], mixed[0], 1)
  expect(mixed[0].path).toBe('native')
})
