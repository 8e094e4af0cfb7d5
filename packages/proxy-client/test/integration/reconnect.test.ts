/** A link may break at any moment: the session, its streams and its topics survive. */
import { randomBytes } from 'node:crypto'
import { DEFAULT_LIMITS } from '@swarmway/proxy-protocol'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { randomFrom } from '../../../runtime/test/support/random.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import type { ProxyClient } from '../../src/index.js'
import { historyOf } from '../support/history.js'
import { connectionBetween, connectionTo, createRig, shownBy, useTestnet } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'
import { closed, digest, echo, failure, hashOf, send } from '../support/transfer.js'
import { memory, tcp } from '../support/transports.js'

const CUTS = 20
const MEGABYTE = 1024 * 1024
/**
 * Seeds that decide when links are cut, how much is sent meanwhile, and over which transport: all of them always have
 * data in flight, so that a cut loses some.
 */
const RUNS = [
  { seed: 1, megabytes: 100, name: 'TCP', transport: tcp },
  { seed: 2, megabytes: 20, name: 'TCP', transport: tcp },
  { seed: 3, megabytes: 20, name: 'a slow pair in memory', transport: memory({ delayTurns: 3 }) }
]

/** A native peer keeps sending while a link is down and cannot be asked to wait: there must be room for all of it. */
const PATIENT = { maxStreamBufferBytes: 128 * MEGABYTE }

const testnet = useTestnet()

describe.each(RUNS)(
  `a link over $name, cut ${CUTS} times ($seed) during $megabytes MB`,
  ({ megabytes, seed, transport }) => {
    const bytes = megabytes * MEGABYTE

    test.each([
      ['to', 'a native'],
      ['from', 'a native'],
      ['to', 'another proxied'],
      ['from', 'another proxied']
    ])('loses, duplicates and reorders no byte %s %s peer, and shows no connection twice', async (direction, kind) => {
      const rig = await createRig({ testnet: testnet(), transport, server: { limits: PATIENT } })
      const control = new LinkControl()
      const client = rig.createSwarm({ control })
      const other = kind === 'a native' ? rig.createNative() : rig.createSwarm()
      const history = historyOf(client)
      const shown = [shownBy(client), shownBy(other)]
      const topic = freshTopic()
      other.join(topic)
      client.join(topic)
      const random = randomFrom(seed)
      // Cut during the joins, but not before the session exists: there would be nothing to resume.
      await until('a session', () => client.connected)
      for (let cut = 0; cut < CUTS / 4; cut++) await cutAfter(control, client, () => turns(random(20)))
      const [near, far] = await connectionBetween(client, other)
      const [from, to] = direction === 'to' ? [near, far] : [far, near]
      const data = randomBytes(bytes)
      const arrived = digest(to)
      const sending = send(from, data)
      for (let cut = CUTS / 4; cut < CUTS; cut++) {
        const at = arrived.bytes + random((1.5 * bytes) / CUTS)
        await cutAfter(control, client, () => until('more', () => arrived.bytes >= Math.min(at, bytes)))
      }
      await sending
      await until('all bytes', () => arrived.bytes >= bytes)
      expect(arrived.hash()).toBe(hashOf(data))
      await echo(near, far)
      expect(history).toEqual(['new', ...Array.from({ length: CUTS }, () => ['LINK_CLOSED', 'resumed']).flat()])
      expect(shown.map((connections) => connections.length)).toEqual([1, 1])
      expect([control.live, client.status(topic) !== null, rig.server.stats.sessionsOpened]).toEqual([
        1,
        true,
        kind === 'a native' ? 1 : 2
      ])
      const late = rig.createNative()
      late.join(topic, { server: false })
      await connectionBetween(late, client)
    })
  }
)

async function cutAfter(control: LinkControl, client: ProxyClient, wait: () => Promise<void>): Promise<void> {
  await wait()
  const { opened } = control
  control.cut()
  await until('a new link', () => control.opened > opened && client.connected)
}

describe('while the link is down', () => {
  test('topics are joined and left, which takes effect when the link is back', async () => {
    const rig = await createRig({ testnet: null })
    const control = new LinkControl()
    const [client, other] = [rig.createSwarm({ control }), rig.createSwarm()]
    const [left, joined] = [freshTopic(), freshTopic()]
    other.join(joined)
    await client.join(left).flushed()
    control.isDown = true
    control.cut()
    await until('the link is down', () => !client.connected)
    const leaving = client.leave(left)
    client.join(joined)
    await leaving
    expect([client.status(left), client.connections.size]).toEqual([null, 0])
    control.isDown = false
    await connectionBetween(client, other)
    await until('the server knows', () => [...rig.server.clients].every(({ stats }) => stats.topics === 1))
    const late = rig.createSwarm()
    await late.join(left, { server: false }).flushed()
    expect(await late.flush()).toBe(true)
    expect(late.connections.size, 'nobody is found on the topic that was left').toBe(0)
  })

  test('writes and dials wait for the link', async () => {
    const rig = await createRig({ testnet: null })
    const control = new LinkControl()
    const [client, other, third] = [rig.createSwarm({ control }), rig.createSwarm(), rig.createSwarm()]
    await Promise.all([other.listen(), third.listen()])
    await client.connect(other.keyPair.publicKey)
    const [near, far] = await connectionBetween(client, other)
    control.isDown = true
    control.cut()
    await until('the link is down', () => !client.connected)
    const dialled = client.connect(third.keyPair.publicKey)
    const arrived = digest(far)
    near.write(randomBytes(1000))
    control.isDown = false
    await until('it arrived', () => arrived.bytes === 1000)
    await dialled
  })
})

describe('after the grace period', () => {
  test('connections end with SESSION_EXPIRED, topics are joined again, and peers reconnect', async () => {
    const rig = await createRig({ testnet: testnet(), server: { graceMs: 100 } })
    const control = new LinkControl()
    const client = rig.createSwarm({ control })
    const others = [rig.createSwarm(), rig.createNative()]
    const history = historyOf(client)
    const topic = freshTopic()
    for (const swarm of [client, ...others]) swarm.join(topic)
    const ends = await Promise.all(others.map(async (other) => (await connectionBetween(client, other))[0]))
    const failures = ends.map(failure)
    control.isDown = true
    control.cut()
    expect(await Promise.all(failures)).toMatchObject([{ code: 'SESSION_EXPIRED' }, { code: 'SESSION_EXPIRED' }])
    await until('the server has ended the session', () => rig.server.stats.sessionsExpired === 1)
    const { publicKey } = client.keyPair
    await until('the others noticed', () => others.every((other) => connectionTo(other, publicKey) === undefined))
    expect(client.connections.size).toBe(0)
    control.isDown = false
    for (const other of others) await echo(...(await connectionBetween(client, other)))
    expect([history[0], history.at(-1)]).toEqual(['new', 'new'])
    const late = rig.createNative()
    late.join(topic, { server: false })
    await echo(...(await connectionBetween(late, client)))
  })

  test('a server that has forgotten the session starts another at once', async () => {
    const rig = await createRig({ testnet: null })
    const control = new LinkControl()
    const [client, other] = [rig.createSwarm({ control }), rig.createSwarm()]
    const topic = freshTopic()
    for (const swarm of [client, other]) swarm.join(topic)
    const [near] = await connectionBetween(client, other)
    const failed = failure(near)
    const [session] = [...rig.server.clients]
    session?.destroy()
    expect(await failed).toHaveProperty('code')
    await closed(near)
    await echo(...(await connectionBetween(client, other)))
  })
})

describe('a link that has gone silent', () => {
  test('is noticed, and replaced', async () => {
    const rig = await createRig({ testnet: null })
    const control = new LinkControl()
    const client = rig.createSwarm({ control, limits: { pingIntervalMs: 40, pingMisses: 3 } })
    const history = historyOf(client)
    await until('the client is connected', () => client.connected)
    const other = rig.createSwarm()
    await other.listen()
    await client.connect(other.keyPair.publicKey)
    const ends = await connectionBetween(client, other)
    control.blackHole()
    await until('it noticed', () => history.length > 1)
    expect(history[1]).toBe('LINK_TIMEOUT')
    await until('the client is back', () => client.connected)
    expect(history.slice(0, 3)).toEqual(['new', 'LINK_TIMEOUT', 'resumed'])
    await echo(...ends)
  })

  test('by default within 15 seconds, but not before the last ping could be answered', async () => {
    const { pingIntervalMs, pingMisses } = DEFAULT_LIMITS
    expect(pingIntervalMs * (pingMisses + 1)).toBeLessThan(15_000)
    const clock = new FakeClock()
    const rig = await createRig({ testnet: null })
    const control = new LinkControl()
    const client = rig.createSwarm({ control, clock })
    const history = historyOf(client)
    await until('the client is connected', () => client.connected)
    await clock.advance(60_000)
    expect(history, 'a minute of silence on a link that answers').toEqual(['new'])
    control.blackHole()
    await clock.advance(pingIntervalMs * (pingMisses - 1))
    expect(history).toEqual(['new'])
    await clock.advance(2 * pingIntervalMs)
    expect(history.slice(0, 2)).toEqual(['new', 'LINK_TIMEOUT'])
  })
})
