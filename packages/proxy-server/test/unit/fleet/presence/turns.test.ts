/** In whose turn a server tells the fleet what its clients do, and when. */
import { randomBytes } from 'node:crypto'
import { FLEET_MESSAGES, fleetTopicsBody } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock, settle } from '../../../../../runtime/test/support/fake-clock.js'
import { createServerKeyPair, Envelopes, fleetKeyOf } from '../../../../src/fleet/presence/envelope.js'
import { type Broker, type BrokerListener, brokerPresence, type Owner } from '../../../../src/index.js'

const SERVER = { name: 'a', url: '', clients: 0, maxClients: 1, isDraining: false, linkAddress: '' }
const ALWAYS = 1000

/** A presence whose messages about topics the test reads; `onSent` is called with the topic and the keys it gains. */
async function presenceThat(onSent: (topic: string, added: string[], asks: boolean) => void) {
  const clock = new FakeClock()
  const [keyPair, fleetKey] = [createServerKeyPair(), fleetKeyOf()]
  const envelopes = new Envelopes(keyPair, fleetKey)
  let listener: BrokerListener | null = null
  const subscribers = new Map<string, (message: Uint8Array) => void>()
  const broker: Broker = {
    localHost: null,
    start: (given) => {
      listener = given
    },
    publish: (subject, message) => {
      const opened = envelopes.open(subject, message)
      if (opened?.number !== FLEET_MESSAGES.TOPICS.number) return
      const { asks, topics } = fleetTopicsBody.decode(opened.body)
      for (const { added, topic } of topics) onSent(nameOf(topic), added.map(nameOf), asks)
    },
    subscribe: (subject, onMessage) => {
      subscribers.set(subject, onMessage)
      return () => subscribers.delete(subject)
    },
    close: async () => {}
  }
  const presence = brokerPresence(broker)({ clock, fleetKey, keyPair })
  presence.start({ describe: () => SERVER, onServer: ignore, onServerGone: ignore, onState: ignore })
  ;(listener as BrokerListener | null)?.onConnected()
  onTestFinished(() => presence.close())
  return { clock, presence, deliver: (subject: string, message: Uint8Array) => subscribers.get(subject)?.(message) }
}

/** Strangers that join and leave many topics, all the time, and an honest client's join among them. */
async function joinBeside(strangers: readonly Owner[], honest: Owner, join: 'announce' | 'watch' = 'announce') {
  const toggles = new Map<string, () => void>()
  const sent: string[] = []
  const { clock, presence } = await presenceThat((topic) => {
    sent.push(topic)
    toggles.get(topic)?.()
  })
  for (const owner of strangers)
    for (let i = 0; i < ALWAYS / strangers.length; i++) {
      const [topic, key] = [randomBytes(32), randomBytes(32)]
      let isThere = false
      const toggle = (): void => {
        isThere = !isThere
        if (isThere) presence.announce(topic, key, owner)
        else presence.withdraw(topic, key)
      }
      toggles.set(nameOf(topic), () => queueMicrotask(toggle))
      toggle()
    }
  await clock.advance(3000)
  expect(sent.length, 'the strangers use up the rate').toBeGreaterThan(700)
  const topic = randomBytes(32)
  const before = sent.length
  if (join === 'announce') presence.announce(topic, randomBytes(32), honest)
  else presence.watch(topic, honest, ignore)
  await clock.advanceUntil(() => sent.includes(nameOf(topic)), 60_000)
  return sent.indexOf(nameOf(topic), before) - before
}

const STRANGER = { network: '192.0.2.1' }
const networks = Array.from({ length: 20 }, (_, i) => ({ network: `198.51.100.${i}` }))

// What is told goes out at 200 messages a second, first come, first served: a client that joined and left many topics made
// the fleet hear of others' joins seconds late.
test.each([
  ['another network', [STRANGER], { network: '203.0.113.5' }, 1],
  ['the same network', [STRANGER], { network: STRANGER.network }, 1],
  ['twenty other networks', networks, { network: '203.0.113.5' }, 1],
  ['a crowd of its own network', networks.map(() => ({ ...STRANGER })), { network: STRANGER.network }, 1]
])(
  'a join goes out in its turn beside strangers of %s that come and go all the time',
  async (_, strangers, honest, most) => {
    expect(await joinBeside(strangers, honest)).toBeLessThanOrEqual(most)
  }
)

test('a question about a topic goes out in its turn, too', async () => {
  expect(await joinBeside([STRANGER], { network: '203.0.113.5' }, 'watch')).toBeLessThanOrEqual(1)
})

/** A stranger with a line of topics before it comes to `topic`. */
async function behindMany(
  come: (presence: Awaited<ReturnType<typeof presenceThat>>['presence'], topic: Buffer) => void
) {
  const sent: { topic: string; added: string[]; asks: boolean }[] = []
  const made = await presenceThat((topic, added, asks) => sent.push({ topic, added, asks }))
  for (let i = 0; i < ALWAYS; i++) made.presence.announce(randomBytes(32), randomBytes(32), STRANGER)
  await settle()
  const topic = randomBytes(32)
  come(made.presence, topic)
  const before = sent.length
  const until = async () => {
    await made.clock.advanceUntil(() => sent.some((message) => message.topic === nameOf(topic)), 60_000)
    const at = sent.findIndex((message) => message.topic === nameOf(topic))
    return { others: at - before, message: sent[at] }
  }
  return { ...made, topic, until }
}

test('a topic that a busy stranger came to first goes out in the turn of the next client, with both keys', async () => {
  const [his, ours] = [randomBytes(32), randomBytes(32)]
  const { presence, topic, until } = await behindMany((made, there) => made.announce(there, his, STRANGER))
  presence.announce(topic, ours, { network: '203.0.113.5' })
  const { message, others } = await until()
  expect(others).toBeLessThanOrEqual(1)
  expect(message?.added.sort()).toEqual([nameOf(his), nameOf(ours)].sort())
})

test('a topic that a busy stranger watched first is asked about in the turn of the next client', async () => {
  const { presence, topic, until } = await behindMany((made, there) => void made.watch(there, STRANGER, ignore))
  presence.hasten(topic, { network: '203.0.113.5' })
  const { message, others } = await until()
  expect([others <= 1, message?.asks]).toEqual([true, true])
})

test('what was withdrawn before its turn came costs no message, and leaves nothing behind', async () => {
  const sent: string[] = []
  const { clock, presence } = await presenceThat((topic) => sent.push(topic))
  for (let i = 0; i < ALWAYS; i++) {
    const [topic, key] = [randomBytes(32), randomBytes(32)]
    presence.announce(topic, key, STRANGER)
    presence.withdraw(topic, key)
  }
  await clock.advance(1000)
  expect([sent, clock.nextMs !== null]).toEqual([[], true])
})

test('what was told and is withdrawn is told within the rate: the end of a crowd causes no storm', async () => {
  let sent = 0
  const { clock, presence } = await presenceThat(() => sent++)
  const pairs = Array.from({ length: 200 }, () => [randomBytes(32), randomBytes(32)] as const)
  for (const [topic, key] of pairs) presence.announce(topic, key, STRANGER)
  await settle()
  expect(sent).toBe(200)
  for (const [topic, key] of pairs) presence.withdraw(topic, key)
  await clock.advance(500)
  expect(sent).toBe(300)
  await clock.advance(600)
  expect(sent).toBe(400)
})

// The question with which a server begins to watch counted as news of the topic: a client that watched and then announced
// was told 100 ms late, and a server that asked meanwhile was not told at all.
test('the first key on a quiet topic is told at once, also just after a question; further ones together', async () => {
  const sent: string[][] = []
  const { clock, presence } = await presenceThat((_, added) => sent.push(added))
  const [topic, owner] = [randomBytes(32), { network: '203.0.113.5' }]
  presence.watch(topic, owner, ignore)
  await clock.advance(1)
  const keys = [randomBytes(32), randomBytes(32), randomBytes(32)] as const
  presence.announce(topic, keys[0], owner)
  await clock.advance(1)
  expect(sent).toEqual([[], [nameOf(keys[0])]])
  presence.announce(topic, keys[1], owner)
  await clock.advance(50)
  presence.announce(topic, keys[2], owner)
  await clock.advance(48)
  expect(sent).toHaveLength(2)
  await clock.advance(1)
  expect(sent.slice(2)).toEqual([[nameOf(keys[1]), nameOf(keys[2])]])
  await clock.advance(1000)
  presence.announce(topic, randomBytes(32), owner)
  await clock.advance(0)
  expect(sent).toHaveLength(4)
})

test('a server that asks is told the keys that wait for the next message, and everybody gets them later', async () => {
  const sent: [topic: string, added: string[]][] = []
  const { clock, deliver, presence } = await presenceThat((topic, added) => sent.push([topic, added]))
  const other = new Envelopes(createServerKeyPair(), fleetKeyOf())
  const body = FLEET_MESSAGES.SERVER.body.encode({ ...SERVER, leaseMs: 10_000, topics: 0 })
  deliver('swarmway.servers', other.seal('swarmway.servers', FLEET_MESSAGES.SERVER.number, body))
  const [topic, first, second] = [randomBytes(32), randomBytes(32), randomBytes(32)]
  for (const key of [first, second]) {
    presence.announce(topic, key, STRANGER)
    await clock.advance(1)
  }
  expect(sent).toEqual([[nameOf(topic), [nameOf(first)]]])
  const subject = `swarmway.topic.${nameOf(topic)}`
  const question = { topic, isWhole: false, total: 0, added: [], removed: [] }
  const asked = fleetTopicsBody.encode({ asks: true, topics: [question] })
  deliver(subject, other.seal(subject, FLEET_MESSAGES.TOPICS.number, asked))
  await clock.advance(1)
  expect(sent[1]?.[1].sort()).toEqual([nameOf(first), nameOf(second)].sort())
  await clock.advance(100)
  expect(sent[2]).toEqual([nameOf(topic), [nameOf(second)]])
})

// Of a topic with more keys than are told, a random sample was: a crowd of one host with thousands of keys hid the others.
test('a crowd of one network does not keep the key of another out of the sample of a topic', async () => {
  const sent: string[][] = []
  const { clock, presence } = await presenceThat((_, added) => sent.push(added))
  const [topic, honest] = [randomBytes(32), randomBytes(32)]
  const crowd = Array.from({ length: 20 }, () => ({ ...STRANGER }))
  for (let i = 0; i < 5000; i++) presence.announce(topic, randomBytes(32), crowd[i % crowd.length] ?? STRANGER)
  await clock.advance(1000)
  presence.announce(topic, honest, { network: '203.0.113.5' })
  await clock.advance(1000)
  expect(sent.flat()).not.toContain(nameOf(honest))
  await clock.advance(60_000)
  expect(sent.at(-1)).toHaveLength(64)
  expect(sent.at(-1)).toContain(nameOf(honest))
})

function nameOf(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'hex')
}

function ignore(): void {}

// In a cluster of brokers, one that does not know yet who reads a topic loses what is said about it. Clients that met
// nobody at first waited five minutes.
test('a new topic is asked about once more after three seconds, and one that nobody watches any more is not', async () => {
  const asked: string[] = []
  const { clock, presence } = await presenceThat((topic, _added, asks) => {
    if (asks) asked.push(topic)
  })
  const [kept, left] = [randomBytes(32), randomBytes(32)]
  presence.watch(kept, STRANGER, ignore)
  const unwatch = presence.watch(left, STRANGER, ignore)
  await clock.advance(1000)
  unwatch()
  expect(new Set(asked)).toEqual(new Set([nameOf(kept), nameOf(left)]))
  await clock.advance(60_000)
  expect(asked.slice(2)).toEqual([nameOf(kept)])
  await presence.close()
  presence.watch(left, STRANGER, ignore)
  expect(clock.liveTimers).toBe(0)
})
