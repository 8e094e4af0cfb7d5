import { readFile } from 'node:fs/promises'
import type { WallClock } from '@swarmway/runtime'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { isOnLink } from '../../../src/lan/interfaces.js'
import { decodePacket, encodePacket } from '../../../src/lan/packet.js'
import { createSalt, periodAt, tokenOf } from '../../../src/lan/tokens.js'
import { FakeLan, FakeLanPeer } from '../../support/fake-lan.js'

const HOUR_MS = 3_600_000
const topicOf = (number: number) => Uint8Array.from({ length: 32 }, (_, index) => (number * 37 + index * 11) & 255)
const TOPIC = topicOf(1)

function setUp() {
  const clock = new FakeClock()
  const network = new FakeLan(clock)
  return { clock, network, first: new FakeLanPeer(network, 1), second: new FakeLanPeer(network, 2) }
}

/** The time of day on another host, `offsetMs` later than the network's. */
function skewed(clock: FakeClock, offsetMs: number): WallClock {
  return { now: () => clock.wall.now() + offsetMs }
}

describe('finding', () => {
  it('a peer that joins later finds the earlier one, once', async () => {
    const { clock, first, second } = setUp()
    first.join(TOPIC)
    await clock.advance(30_000)
    second.join(TOPIC)
    await clock.advance(500)
    const { publicKey } = first
    expect(second.found).toEqual([
      { publicKey, address: { host: '10.0.0.1', port: 4000 }, isNews: true, hasFoundUs: false }
    ])
    // The newcomer dials it: dialling back would make two dials of one.
    expect(first.found).toEqual([])
    await clock.advance(10_000)
    expect(second.found.filter(({ isNews }) => isNews)).toHaveLength(1)
  })

  it('a peer that only looks finds a later peer that only announces, before the next probe', async () => {
    const { clock, first, second } = setUp()
    first.join(TOPIC, true, false)
    await clock.advance(40_000)
    second.join(TOPIC, false, true)
    await clock.advance(500)
    expect(first.found).toHaveLength(1)
    expect(second.found).toEqual([])
  })

  it('reports no peer that only looks, is on another topic, or does not accept yet', async () => {
    const { clock, network, first, second } = setUp()
    const third = new FakeLanPeer(network, 3)
    first.join(TOPIC, true, false)
    second.join(topicOf(2))
    third.port = null
    third.join(TOPIC)
    await clock.advance(10_000)
    expect([first.found, second.found, third.found]).toEqual([[], [], []])
    third.port = 4000
    await clock.advance(20_000)
    expect(first.found.length).toBeGreaterThan(0)
  })

  it('a lost packet costs a second, not a minute', async () => {
    const { clock, network, first, second } = setUp()
    first.join(TOPIC)
    await clock.advance(30_000)
    let losses = 1
    network.loses = () => losses-- > 0
    second.join(TOPIC)
    await clock.advance(2000)
    expect(second.found.length).toBeGreaterThan(0)
  })

  it('reports a peer as gone after three unanswered probes, and finds it again', async () => {
    const { clock, first, second } = setUp()
    const joined = first.join(TOPIC)
    second.join(TOPIC)
    await clock.advance(1000)
    joined.end()
    await clock.advance(150_000)
    expect(second.gone).toEqual([])
    await clock.advance(200_000)
    expect(second.gone).toEqual([first.publicKey])
    first.join(TOPIC)
    second.lan.refresh()
    await clock.advance(1000)
    expect(second.found.filter(({ isNews }) => isNews)).toHaveLength(2)
  })

  it('a peer of two topics is gone when the last of them has ended', async () => {
    const { clock, first, second } = setUp()
    for (const topic of [TOPIC, topicOf(2)]) first.join(topic)
    const joined = [TOPIC, topicOf(2)].map((topic) => second.join(topic))
    await clock.advance(2000)
    joined[0]?.end()
    expect(second.gone).toEqual([])
    joined[1]?.end()
    expect(second.gone).toEqual([first.publicKey])
  })

  it('a peer that has moved is news, and a refresh probes at once', async () => {
    const { clock, first, second } = setUp()
    first.join(TOPIC)
    second.join(TOPIC)
    await clock.advance(100_000)
    const before = second.found.length
    first.port = 4001
    second.lan.refresh()
    await clock.advance(500)
    expect(second.found[before]).toMatchObject({ address: { port: 4001 }, isNews: true })
  })
})

describe('rotation', () => {
  it.each([HOUR_MS, -HOUR_MS])('tolerates a clock that is %i ms off', async (offsetMs) => {
    const { clock, network, first } = setUp()
    const other = new FakeLanPeer(network, 3, skewed(clock, offsetMs))
    first.join(TOPIC)
    other.join(TOPIC)
    await clock.advance(2000)
    expect(first.found.length + other.found.length).toBeGreaterThan(0)
  })

  it.each([2 * HOUR_MS, -2 * HOUR_MS])('does not answer a probe that is %i ms off', async (offsetMs) => {
    const { clock, network, first } = setUp()
    const other = new FakeLanPeer(network, 3, skewed(clock, offsetMs))
    first.join(TOPIC)
    other.join(TOPIC)
    await clock.advance(10_000)
    expect([first.found, other.found, network.unicasts()]).toEqual([[], [], []])
  })

  it('a recorded probe is answered once, and not at all after its time', async () => {
    const { clock, network, first, second } = setUp()
    first.join(TOPIC)
    await clock.advance(40_000)
    second.join(TOPIC, true, false)
    await clock.advance(100)
    const recorded = network.multicasts('10.0.0.2')[0]
    const answers = () => network.unicasts('10.0.0.1').length
    expect(answers()).toBe(1)
    if (recorded === undefined) throw new Error('nothing was sent')
    network.send({ ...recorded, from: { host: '10.0.0.66', port: 6 } })
    await clock.advance(10)
    expect(answers()).toBe(1)
    await Promise.all([first.lan.destroy(), second.lan.destroy()])
    const late = new FakeLanPeer(network, 4)
    late.join(TOPIC, false, true)
    await clock.advance(2 * HOUR_MS)
    network.send({ ...recorded, from: { host: '10.0.0.66', port: 6 } })
    await clock.advance(10)
    expect(network.unicasts('10.0.0.4')).toEqual([])
  })

  it('two probes for one topic have nothing in common that would link them', async () => {
    const { clock, network, first, second } = setUp()
    first.join(TOPIC)
    second.join(TOPIC)
    await clock.advance(60_000)
    const tokens = network.multicasts().flatMap(({ bytes }) => {
      const packet = decodePacket(bytes)
      return packet?.kind === 'probe' ? packet.tokens.map((token) => Buffer.from(token).toString('hex')) : []
    })
    expect(tokens.length).toBeGreaterThan(8)
    expect(new Set(tokens).size).toBe(tokens.length)
  })
})

describe('packets on the wire', () => {
  it('contain no 16 bytes of a topic or a key', async () => {
    const { clock, network, first, second } = setUp()
    for (const peer of [first, second]) {
      peer.publicKey.set(topicOf(200 + Number(peer.bus.host.at(-1))))
      for (let number = 0; number < 40; number++) peer.join(topicOf(number))
    }
    await clock.advance(HOUR_MS + 70_000)
    expect(first.found.length + second.found.length).toBeGreaterThan(40)
    const wire = Buffer.concat(network.seen.map(({ bytes }) => bytes)).toString('latin1')
    const secrets = [first.publicKey, second.publicKey, ...Array.from({ length: 40 }, (_, number) => topicOf(number))]
    const windows = secrets.flatMap((secret) =>
      Array.from({ length: 17 }, (_, at) => Buffer.from(secret.subarray(at, at + 16)).toString('latin1'))
    )
    expect(windows.filter((window) => wire.includes(window))).toEqual([])
  })

  it('an answer can neither be read without knowing the topic nor moved to another probe', async () => {
    const { clock, network, first, second } = setUp()
    first.join(TOPIC)
    second.join(topicOf(2), true, false)
    await clock.advance(1000)
    const period = periodAt(clock.wall.now())
    const salt = createSalt()
    const from = { host: '10.0.0.66', port: 6 }
    const tokens = [tokenOf(TOPIC, period, salt)]
    network.send({
      bytes: encodePacket({ kind: 'probe', asks: true, announces: false, period, salt, tokens }),
      from,
      to: null
    })
    await clock.advance(10)
    const answer = network.unicasts('10.0.0.1').at(-1)
    const own = decodePacket(network.multicasts('10.0.0.2')[0]?.bytes ?? new Uint8Array())
    const stolen = decodePacket(answer?.bytes ?? new Uint8Array())
    if (stolen?.kind !== 'answer' || own === null) throw new Error('there was no answer')
    const to = { host: '10.0.0.2', port: 5000 }
    network.send({ bytes: encodePacket({ ...stolen, salt: own.salt, period: own.period }), from, to })
    await clock.advance(10)
    expect(second.found).toEqual([])
  })

  it('many topics share packets, a bounded number at a time', async () => {
    const { clock, network, first } = setUp()
    for (let number = 0; number < 1000; number++) {
      const topic = topicOf(number & 63)
      topic.set([number >> 6], 0)
      first.join(topic)
    }
    await clock.advance(150)
    expect(network.multicasts()).toHaveLength(8)
    await clock.advance(1000)
    expect(network.multicasts().length).toBeLessThanOrEqual(24)
    expect(Math.max(...network.seen.map(({ bytes }) => bytes.byteLength))).toBeLessThan(1280)
    const before = network.multicasts().length
    await clock.advance(600_000 - 1150)
    // 16 packets a round and a round a minute, after five quicker ones.
    expect(network.multicasts().length - before).toBeLessThan(17 * 17)
  })
})

describe('the local network', () => {
  const links = [
    { address: '192.168.1.5', netmask: '255.255.255.0' },
    { address: '10.8.0.2', netmask: '255.255.255.255' }
  ]

  it.each([
    ['192.168.1.77', true],
    ['192.168.2.77', false],
    ['10.8.0.3', false],
    ['8.8.8.8', false],
    ['fe80::1', false],
    ['', false]
  ])('%s is on it: %s', (host, isThere) => {
    expect(isOnLink(host, links)).toBe(isThere)
    expect(isOnLink(host, [{ address: '1.2.3.4', netmask: '0.0.0.0' }])).toBe(false)
  })
})

describe('the entry without a DHT', () => {
  it('loads no socket, and only the option check of this folder', async () => {
    const graph = await importsOf(new URL('../../../src/core.ts', import.meta.url))
    expect([...graph].filter((file) => file.includes('/lan/')).map((file) => file.split('/lan/')[1])).toEqual([
      'options.ts'
    ])
    expect([...graph].filter((file) => file.startsWith('node:'))).toEqual([])
  })
})

/** What the module imports at run time, directly or not: our own files, and names that begin with `node:`. */
async function importsOf(entry: URL, seen = new Set<string>()): Promise<Set<string>> {
  seen.add(entry.href)
  const source = await readFile(entry, 'utf8')
  for (const [, name = ''] of source.matchAll(/^(?:import|export) (?!type)[^']*?from '([^']+)'/gm)) {
    const url = name.startsWith('.') ? new URL(name.replace(/\.js$/, '.ts'), entry) : null
    if (url !== null && !seen.has(url.href)) await importsOf(url, seen)
    if (name.startsWith('node:')) seen.add(name)
  }
  return seen
}

describe('lifecycle', () => {
  it('is open while there is a topic, and leaves no timer', async () => {
    const { clock, network, first } = setUp()
    expect(first.bus.isOpen).toBe(false)
    const one = first.join(TOPIC)
    const two = first.join(topicOf(2))
    expect(first.bus.isOpen).toBe(true)
    one.end()
    one.end()
    expect(first.bus.isOpen).toBe(true)
    two.end()
    expect([first.bus.isOpen, clock.liveTimers]).toEqual([false, 0])
    first.join(TOPIC)
    await clock.advance(1000)
    expect(network.multicasts().length).toBeGreaterThan(0)
    await first.lan.destroy()
    expect([first.bus.isOpen, clock.liveTimers]).toEqual([false, 0])
    first.join(TOPIC)
    expect([first.bus.isOpen, clock.liveTimers]).toEqual([false, 0])
  })

  it('flushed resolves after the second probe, or when the topic ends', async () => {
    const { clock, first } = setUp()
    const joined = first.join(TOPIC)
    let isFlushed = false
    joined.flushed().then(() => {
      isFlushed = true
    })
    await clock.advance(1400)
    expect(isFlushed).toBe(false)
    await clock.advance(200)
    expect(isFlushed).toBe(true)
    const other = first.join(topicOf(2))
    other.end()
    await other.flushed()
  })

  it('no probes are sent for a topic that is no longer looked up or announced', async () => {
    const { clock, network, first } = setUp()
    const joined = first.join(TOPIC)
    await clock.advance(1000)
    joined.update({ isClient: false, isServer: false })
    network.seen.length = 0
    await clock.advance(300_000)
    expect(network.seen).toEqual([])
  })
})
