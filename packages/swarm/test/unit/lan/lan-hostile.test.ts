import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { fc } from '../../../../runtime/test/support/properties.js'
import { unwrap, wrap } from '../../../src/lan/dns.js'
import { decodePacket, encodePacket, MAX_RECORDS, MAX_TOKENS, type Probe } from '../../../src/lan/packet.js'
import { PacketLimits } from '../../../src/lan/packet-limits.js'
import { createSalt, periodAt, seal, tokenOf, unseal } from '../../../src/lan/tokens.js'
import { FakeLan, FakeLanPeer } from '../../support/fake-lan.js'

const TOPIC = new Uint8Array(32).fill(9)
const FROM = { host: '10.0.0.66', port: 6 }

function probeFor(topics: Uint8Array[], nowMs: number): Probe {
  const period = periodAt(nowMs)
  const salt = createSalt()
  const tokens = topics.map((topic) => tokenOf(topic, period, salt))
  return { kind: 'probe', asks: true, announces: true, period, salt, tokens }
}

describe('packets', () => {
  it('are decoded as they were encoded', () => {
    const probe = probeFor([TOPIC, TOPIC.map((byte) => byte + 1)], 12_345_678_901)
    expect(decodePacket(encodePacket(probe))).toEqual(probe)
    const sealed = Buffer.alloc(50, 3)
    const { period, salt } = probe
    const records = Array.from({ length: MAX_RECORDS }, (_, index) => ({ index, sealed }))
    const answer = { kind: 'answer' as const, period, salt, answerSalt: createSalt(), records }
    expect(decodePacket(encodePacket(answer))).toEqual(answer)
  })

  it('have the documented layout', () => {
    const salt = Uint8Array.from({ length: 16 }, (_, index) => index)
    const tokens = [new Uint8Array(16).fill(0xaa)]
    const probe: Probe = { kind: 'probe', asks: true, announces: true, period: 0x01020304, salt, tokens }
    const header = '000000000001000000000001'
    const question = '095f737761726d776179' + '045f756470056c6f63616c00' + '00100001'
    const record = 'c00c' + '00100001' + '00000000' + '0027' + '26'
    const body = `010301020304000102030405060708090a0b0c0d0e0f${'aa'.repeat(16)}`
    expect(Buffer.from(encodePacket(probe)).toString('hex')).toBe(header + question + record + body)
    const quiet = Buffer.from(encodePacket({ ...probe, asks: false })).toString('hex')
    expect(quiet).toBe(`000084000000000100000000${question}000000000027260102${body.slice(4)}`)
  })

  it('tokens and seals match the test vectors', () => {
    const salt = new Uint8Array(16).fill(1)
    const hex = Buffer.from(tokenOf(TOPIC, 500_000, salt)).toString('hex')
    expect(hex).toBe('d1d7a506d9c73913a5c00ff6c5d77448')
    const binding = { period: 500_000, salt, answerSalt: new Uint8Array(16).fill(2) }
    const sealed = seal({ publicKey: new Uint8Array(32).fill(7), port: 49_737 }, TOPIC, binding)
    expect(Buffer.from(sealed).toString('hex')).toBe(
      '54a1dbb1a3ded8182592f914fd494ecebe21b5482a91d920af8a8b3b9bf530d2f00629560193a0805dbab1d45bff710a98dd'
    )
  })

  it('of any other bytes are rejected', () => {
    const valid = encodePacket(probeFor([TOPIC], 0))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1400 }), (bytes) => {
        expect(decodePacket(bytes)).toBeNull()
        expect(decodePacket(wrap(bytes, true))?.kind).not.toBe('answer')
      })
    )
    for (let length = 0; length < valid.byteLength; length++) expect(decodePacket(valid.subarray(0, length))).toBeNull()
    expect(decodePacket(Buffer.concat([valid, Buffer.alloc(1)]))).toBeNull()
  })

  it('with no entries or too many are rejected', () => {
    const probe = probeFor([TOPIC], 0)
    const token = probe.tokens[0] ?? new Uint8Array(16)
    expect(decodePacket(encodePacket({ ...probe, tokens: [] }))).toBeNull()
    expect(decodePacket(encodePacket({ ...probe, tokens: Array(MAX_TOKENS).fill(token) }))).not.toBeNull()
    expect(decodePacket(encodePacket({ ...probe, tokens: Array(MAX_TOKENS + 1).fill(token) }))).toBeNull()
    expect(unwrap(wrap(new Uint8Array(60_000), true))).toBeNull()
  })

  it('every bit of a seal counts', () => {
    const binding = { period: 1, salt: createSalt(), answerSalt: createSalt() }
    const sealed = seal({ publicKey: TOPIC, port: 1 }, TOPIC, binding)
    expect(unseal(sealed, TOPIC, binding)).toEqual({ publicKey: Buffer.from(TOPIC), port: 1 })
    for (let bit = 0; bit < sealed.byteLength * 8; bit++) {
      const flipped = Uint8Array.from(sealed, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect(unseal(flipped, TOPIC, binding)).toBeNull()
    }
    expect(unseal(seal({ publicKey: TOPIC, port: 0 }, TOPIC, binding), TOPIC, binding)).toBeNull()
  })
})

describe('hostile hosts', () => {
  it('get answers of at most four times the bytes they send', async () => {
    const clock = new FakeClock()
    const network = new FakeLan(clock)
    const peer = new FakeLanPeer(network, 1)
    const topics = Array.from({ length: MAX_TOKENS }, (_, number) => new Uint8Array(32).fill(number))
    for (const topic of topics) peer.join(topic, false, true)
    await clock.advance(60_000)
    for (const count of [1, 2, 20, 21, MAX_TOKENS]) {
      network.seen.length = 0
      const bytes = encodePacket({ ...probeFor(topics.slice(0, count), clock.wall.now()), announces: false })
      network.send({ bytes, from: FROM, to: null })
      await clock.advance(20)
      const answered = network.unicasts('10.0.0.1').reduce((sum, packet) => sum + packet.bytes.byteLength, 0)
      expect(answered).toBeGreaterThan(0)
      expect(answered).toBeLessThan(4 * bytes.byteLength)
      await clock.advance(10_000)
    }
  })

  it('are answered at a bounded rate, and do not use up the share of others', async () => {
    const clock = new FakeClock()
    const network = new FakeLan(clock)
    const peer = new FakeLanPeer(network, 1)
    peer.join(TOPIC, false, true)
    await clock.advance(60_000)
    network.seen.length = 0
    const flood = (host: string, count: number) => {
      for (let sent = 0; sent < count; sent++) {
        const bytes = encodePacket({ ...probeFor([TOPIC], clock.wall.now()), announces: false })
        network.send({ bytes, from: { host, port: 6 }, to: null })
      }
    }
    flood('10.0.0.66', 1000)
    flood('10.0.0.67', 1)
    await clock.advance(10)
    const answersTo = (host: string) => network.unicasts('10.0.0.1').filter(({ to }) => to?.host === host).length
    expect(answersTo('10.0.0.66')).toBeLessThanOrEqual(61)
    expect(answersTo('10.0.0.67')).toBe(1)
  })

  it("cannot cost more than a second's share of hashes, however many topics we are on", () => {
    const clock = new FakeClock()
    const limits = new PacketLimits(clock)
    let taken = 0
    while (limits.takeHashes(1000)) taken += 1000
    expect(taken).toBe(20_000)
  })

  it('that know the topic and send rubbish for it break nothing', async () => {
    const clock = new FakeClock()
    const network = new FakeLan(clock)
    const peer = new FakeLanPeer(network, 1)
    peer.join(TOPIC)
    await clock.advance(100)
    const probe = decodePacket(network.multicasts()[0]?.bytes ?? new Uint8Array())
    if (probe?.kind !== 'probe') throw new Error('there was no probe')
    const { period, salt } = probe
    const binding = { period, salt, answerSalt: createSalt() }
    const self = { index: 0, sealed: seal({ publicKey: peer.publicKey, port: 1 }, TOPIC, binding) }
    const records = [{ ...self, index: 63 }, { index: 0, sealed: new Uint8Array(50) }, self]
    network.send({ bytes: encodePacket({ kind: 'answer', ...binding, records }), from: FROM, to: null })
    network.send({
      bytes: encodePacket({ kind: 'answer', ...binding, period: period + 1, records }),
      from: FROM,
      to: null
    })
    await clock.advance(10)
    expect(peer.found).toEqual([])
  })

  it('can invent only a bounded number of peers', async () => {
    const clock = new FakeClock()
    const network = new FakeLan(clock)
    const peer = new FakeLanPeer(network, 1)
    const joined = peer.join(TOPIC)
    await clock.advance(100)
    for (let number = 0; number < 2000; number++) {
      const publicKey = new Uint8Array(32)
      new DataView(publicKey.buffer).setUint32(0, number)
      ;(joined as unknown as { found(key: Uint8Array, address: object): void }).found(publicKey, { host: 'x', port: 1 })
    }
    expect(peer.found).toHaveLength(1024)
  })
})
