/** A proxied connection is what applications expect: a secret stream. */
import b4a from 'b4a'
import { describe, expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { Connection } from '../../src/index.js'
import { connectionBetween, createRig, useTestnet } from '../support/rig.js'
import { createCore, createStore, Protomux } from '../support/stores.js'
import { closed, collect, failure } from '../support/transfer.js'

const BLOCKS = 200

const testnet = useTestnet()

interface Pair {
  /** The end of the proxied peer, which dialled. */
  near: Connection
  /** The end of the other peer. */
  far: Connection
}

describe.each(['a native', 'another proxied'])('a proxied peer and %s one', (kind) => {
  async function connect(): Promise<Pair> {
    const rig = await createRig({ testnet: testnet() })
    const [proxied, other] = [rig.createSwarm(), kind === 'a native' ? rig.createNative() : rig.createSwarm()]
    await other.listen()
    await proxied.connect(other.keyPair.publicKey)
    const [near, far] = await connectionBetween(proxied, other)
    return { near, far }
  }

  test('have the fields of a secret stream, and the same handshake', async () => {
    const { near, far } = await connect()
    for (const [one, other] of [
      [near, far],
      [far, near]
    ] as const) {
      expect(b4a.equals(one.publicKey, other.remotePublicKey)).toBe(true)
      expect(one.handshakeHash).toBeInstanceOf(Uint8Array)
      expect(b4a.equals(one.handshakeHash ?? b4a.alloc(0), other.handshakeHash ?? b4a.alloc(1))).toBe(true)
      expect([await one.opened, one.connected, one.noiseStream === one]).toEqual([true, true, true])
      one.userData = { mine: true }
      expect(one.userData).toEqual({ mine: true })
    }
    expect([near.isInitiator, far.isInitiator]).toEqual([true, false])
  })

  test('count bytes in numbers, on the connection and on the transport under it', async () => {
    const { near, far } = await connect()
    const before = { near: near.rawStream?.bytesTransmitted ?? -1, far: far.rawStream?.bytesReceived ?? -1 }
    expect(before.near).toBeGreaterThanOrEqual(0)
    const arrived = collect(far, 10_000)
    near.write(b4a.alloc(10_000))
    await arrived
    expect((near.rawStream?.bytesTransmitted ?? 0) - before.near).toBeGreaterThanOrEqual(10_000)
    expect((far.rawStream?.bytesReceived ?? 0) - before.far).toBeGreaterThanOrEqual(10_000)
    expect(near.rawBytesWritten).toBeGreaterThanOrEqual(10_000)
    expect(far.rawBytesRead).toBeGreaterThanOrEqual(10_000)
  })

  test('give Buffers, as everything in Node does', async () => {
    const { near, far } = await connect()
    const chunks: unknown[] = []
    for (const end of [near, far]) end.on('data', (chunk) => chunks.push(chunk))
    near.write('text')
    far.write(b4a.alloc(100_000))
    await until('both arrived', () => chunks.length === 2)
    expect(chunks.every((chunk) => Buffer.isBuffer(chunk))).toBe(true)
  })

  // On a busy machine nothing arrives for a while, so the timeout is short only once nothing is sent.
  test('keep each other alive, and time out when nothing arrives any more', async () => {
    const { near, far } = await connect()
    far.on('error', () => {})
    far.setKeepAlive(10)
    near.setTimeout(60_000)
    const before = near.rawBytesRead
    near.on('data', () => expect.unreachable('a keep-alive was shown'))
    // Each keep-alive is a length of 3 bytes and a tag of 17.
    await until('a hundred keep-alives', () => near.rawBytesRead > before + 2000)
    expect([far.keepAlive, near.timeout, near.destroying]).toEqual([10, 60_000, false])
    const failed = failure(near)
    far.setKeepAlive(0)
    near.setTimeout(100)
    expect(await failed).toHaveProperty('message', 'Stream timed out')
    await Promise.all([closed(near), closed(far)])
  })

  test('sendKeepAlive reaches the other end, and is not shown', async () => {
    const { near, far } = await connect()
    const before = far.rawBytesRead
    far.on('data', () => expect.unreachable('a keep-alive was shown'))
    near.sendKeepAlive()
    await until('it has arrived', () => far.rawBytesRead > before)
  })

  test('end one direction at a time, and close without an error', async () => {
    const { near, far } = await connect()
    for (const end of [near, far]) end.on('error', () => expect.unreachable('an error'))
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      const arrived = collect(to, 10)
      const ended = new Promise<void>((resolve) => to.once('end', resolve))
      from.end(b4a.from('last words'))
      expect(b4a.toString(await arrived)).toBe('last words')
      await ended
    }
    await Promise.all([closed(near), closed(far)])
  })

  test('notice that the other end was destroyed, with or without an error', async () => {
    for (const error of [new Error('on purpose'), null]) {
      const pair = await connect()
      for (const [from, to] of [
        [pair.near, pair.far],
        [pair.far, pair.near]
      ] as const) {
        if (from.destroying) continue
        const failed = failure(to)
        from.on('error', () => {})
        from.destroy(error)
        expect(await failed).toHaveProperty('code')
        await Promise.all([closed(from), closed(to)])
      }
    }
  })

  test('carry Protomux channels', async () => {
    const { near, far } = await connect()
    const received: string[] = []
    const [one, other] = [near, far].map((end) => {
      const channel = Protomux.from(end).createChannel({ protocol: 'test' })
      const message = channel.addMessage({ onmessage: (bytes) => received.push(b4a.toString(bytes)) })
      channel.open()
      return { channel, message }
    })
    one?.message.send(b4a.from('there'))
    other?.message.send(b4a.from('back'))
    await until('both messages', () => received.length === 2)
    expect(received.sort()).toEqual(['back', 'there'])
    expect(near.destroying || far.destroying).toBe(false)
  })

  test('replicate a Hypercore 11', async () => {
    const { near, far } = await connect()
    const source = await createCore()
    await source.append(Array.from({ length: BLOCKS }, (_, i) => block(i)))
    const copy = await createCore(source.key)
    source.replicate(near)
    copy.replicate(far)
    for (let i = 0; i < BLOCKS; i++) expect(b4a.equals(await copy.get(i), block(i))).toBe(true)
    await source.append(b4a.from('live'))
    expect(b4a.toString(await copy.get(BLOCKS))).toBe('live')
  })

  test('replicate Corestores, both ways on one connection', async () => {
    const { near, far } = await connect()
    const [here, there] = [createStore(), createStore()]
    here.replicate(near)
    there.replicate(far)
    for (const [writer, reader] of [
      [here, there],
      [there, here]
    ] as const) {
      const source = writer.get({ name: 'core' })
      await source.ready()
      await source.append(Array.from({ length: BLOCKS }, (_, i) => block(i)))
      const copy = reader.get(source.key)
      for (let i = 0; i < BLOCKS; i++) expect(b4a.equals(await copy.get(i), block(i))).toBe(true)
    }
  })
})

test('the code with which an application destroys a connection reaches a proxied peer on the same server', async () => {
  const rig = await createRig({ testnet: null })
  const [a, b] = [rig.createSwarm(), rig.createSwarm()]
  const topic = freshTopic()
  for (const swarm of [a, b]) swarm.join(topic)
  const [near, far] = await connectionBetween(a, b)
  const failed = failure(far)
  near.destroy(Object.assign(new Error('no more of this'), { code: 'MY_REASON' }))
  expect(await failed).toMatchObject({ code: 'MY_REASON', message: 'no more of this' })
})

function block(index: number): Uint8Array {
  return b4a.alloc(500 + index, `block ${index} `)
}
