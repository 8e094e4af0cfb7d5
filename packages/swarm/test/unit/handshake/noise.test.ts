import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { until } from '../../../../runtime/test/support/until.js'
import type { Hello } from '../../../src/handshake/extension.js'
import { ExtendedHandshake, type HandshakePart } from '../../../src/handshake/noise.js'
import { hyperdhtCodec } from '../../../src/native/swarm.js'
import type { NodeHandshake } from '../../../src/network/dht-node.js'
import { createKeyPair, type KeyPair } from '../../../src/util/keys.js'

type HandshakeClass = new (keyPair: KeyPair, remotePublicKey: Uint8Array | null) => NodeHandshake
const NoiseWrap = createRequire(import.meta.url)('hyperdht/lib/noise-wrap.js') as HandshakeClass

const [client, server] = [createKeyPair(), createKeyPair()]
const payload = {
  error: 0,
  firewall: 2,
  holepunch: null,
  addresses4: [{ host: '127.0.0.1', port: 4000 }],
  addresses6: [],
  udx: { version: 1, reusableSocket: false, id: 5, seq: 0 },
  secretStream: { version: 1 },
  relayThrough: null,
  relayAddresses: null
}

/** What a swarm would put into a handshake, with a record of what it learned. */
class Part implements HandshakePart {
  readonly hellos: Array<Hello | null> = []
  malformedCount = 0
  readonly #epoch: number

  constructor(epoch: number) {
    this.#epoch = epoch
  }

  hello(): Hello {
    return {
      incarnation: new Uint8Array(8).fill(this.#epoch),
      epoch: this.#epoch,
      proofs: [],
      refusal: null,
      statements: []
    }
  }

  received(hello: Hello | null): void {
    this.hellos.push(hello)
  }

  malformed(): void {
    this.malformedCount++
  }
}

function extended(keyPair: KeyPair, remotePublicKey: Uint8Array | null, part: Part): ExtendedHandshake {
  return new ExtendedHandshake(keyPair, remotePublicKey, hyperdhtCodec, part)
}

/** Runs both halves against each other, and checks that they agree. */
async function shakeHands(initiator: NodeHandshake, responder: NodeHandshake): Promise<void> {
  const first = await responder.recv(await initiator.send(payload))
  const second = await initiator.recv(await responder.send(payload))
  expect(first).toMatchObject({ firewall: 2, udx: { id: 5 } })
  expect(second).toMatchObject({ firewall: 2, udx: { id: 5 } })
  const [one, other] = [initiator.final(), responder.final()] as [Record<string, unknown>, Record<string, unknown>]
  expect(one['hash']).toEqual(other['hash'])
  expect(one['holepunchSecret']).toEqual(other['holepunchSecret'])
  expect(one['rx']).toEqual(other['tx'])
  expect(one['tx']).toEqual(other['rx'])
  expect(one).toMatchObject({ isInitiator: true, publicKey: client.publicKey })
  expect(other).toMatchObject({ isInitiator: false, publicKey: server.publicKey })
  expect(b4a.equals(responder.remotePublicKey ?? b4a.alloc(0), client.publicKey)).toBe(true)
}

test('two Swarmway handshakes exchange blocks', async () => {
  const [dialling, accepting] = [new Part(1), new Part(2)]
  await shakeHands(extended(client, server.publicKey, dialling), extended(server, null, accepting))
  expect(dialling.hellos.map((hello) => hello?.epoch)).toEqual([2])
  expect(accepting.hellos.map((hello) => hello?.epoch)).toEqual([1])
})

test("we dial HyperDHT's own handshake, which ignores our block", async () => {
  const part = new Part(1)
  await shakeHands(extended(client, server.publicKey, part), new NoiseWrap(server, null))
  expect(part.hellos).toEqual([null])
})

test("HyperDHT's own handshake dials us", async () => {
  const part = new Part(2)
  await shakeHands(new NoiseWrap(client, server.publicKey), extended(server, null, part))
  expect(part.hellos).toEqual([null])
})

// HyperDHT rethrows a TypeError or RangeError from here as an uncaught exception: one packet would end the process.
test('whatever bytes arrive, the only error is HANDSHAKE_MALFORMED, and it is counted', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      const part = new Part(2)
      expect(() => extended(server, null, part).recv(message)).toThrowError(
        expect.objectContaining({ name: 'SwarmError', code: 'HANDSHAKE_MALFORMED' })
      )
      expect(part.malformedCount).toBe(1)
    })
  )
})

test('a handshake truncated or changed on the way is HANDSHAKE_MALFORMED', () => {
  fc.assert(
    fc.property(fc.nat(), fc.boolean(), (at, isCut) => {
      const message = b4a.from(extended(client, server.publicKey, new Part(1)).send(payload))
      const position = at % message.byteLength
      message[position] = (message[position] ?? 0) ^ 1
      const arrived = isCut ? message.subarray(0, position) : message
      expect(() => extended(server, null, new Part(2)).recv(arrived)).toThrowError(
        expect.objectContaining({ code: 'HANDSHAKE_MALFORMED' })
      )
    }),
    { numRuns: 50 }
  )
})

test('a payload that its codec cannot read is HANDSHAKE_MALFORMED, even if the Noise part is valid', () => {
  const part = new Part(2)
  const codec = {
    ...hyperdhtCodec,
    decode: () => {
      throw new RangeError('out of bounds')
    }
  }
  const message = extended(client, server.publicKey, new Part(1)).send(payload)
  expect(() => new ExtendedHandshake(server, null, codec, part).recv(message)).toThrowError(
    expect.objectContaining({ code: 'HANDSHAKE_MALFORMED' })
  )
  expect(part.hellos).toEqual([])
})

test('a handshake for another key is HANDSHAKE_MALFORMED', () => {
  const message = extended(client, createKeyPair().publicKey, new Part(1)).send(payload)
  expect(() => extended(server, null, new Part(2)).recv(message)).toThrowError(
    expect.objectContaining({ code: 'HANDSHAKE_MALFORMED' })
  )
})

// One relay's made-up answer used to spoil the handshake for the right answer that another relay brought.
test('an answer that does not come from the peer is counted and ignored: the right one can still be read', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (lies) => {
      const [ours, theirs] = [new Part(1), new Part(2)]
      const dialler = extended(client, server.publicKey, ours)
      const responder = extended(server, null, theirs)
      const asked = dialler.send(payload)
      responder.recv(asked)
      const answer = responder.send(payload)
      const flipped = b4a.from(answer)
      flipped[answer.byteLength - 1] = (flipped[answer.byteLength - 1] ?? 0) ^ 1
      const wrong = [...lies, asked, answer.subarray(0, -1), flipped]
      for (const lie of wrong) expect(dialler.recv(lie)).toBeNull()
      expect(ours.malformedCount).toBe(wrong.length)
      expect(dialler.recv(answer)).not.toBeNull()
      expect((dialler.final() as { hash: Uint8Array }).hash).toEqual((responder.final() as { hash: Uint8Array }).hash)
      expect(dialler.recv(answer), 'a second answer').toBeNull()
      expect(ours.malformedCount).toBe(wrong.length)
    }),
    { numRuns: 30 }
  )
})

test('final before the end throws a coded error', () => {
  expect(() => extended(client, server.publicKey, new Part(1)).final()).toThrowError(
    expect.objectContaining({ code: 'HANDSHAKE_MALFORMED' })
  )
})

test('a finished handshake, which HyperDHT keeps as long as its connection, does not keep what the swarm put into it', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const [parts, kept] = await (async () => {
    const [asked, answered] = [new Part(1), new Part(2)]
    const halves = [extended(client, server.publicKey, asked), extended(server, null, answered)] as const
    await shakeHands(...halves)
    return [[new WeakRef(asked), new WeakRef(answered)], halves]
  })()
  await until('the parts to be collected', () => {
    collect()
    return parts.every((part) => part.deref() === undefined)
  })
  for (const half of kept) expect(() => half.final()).toThrow(expect.objectContaining({ code: 'HANDSHAKE_MALFORMED' }))
  expect(kept[0].recv(b4a.alloc(100))).toBeNull()
})
