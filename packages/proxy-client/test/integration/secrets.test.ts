/** A server sees neither secret keys nor plaintext, whatever it carries. */
import { createHash, randomBytes } from 'node:crypto'
import { encodeFrame, FRAME } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { connectionBetween, createRig, useTestnet } from '../support/rig.js'
import { deframe, sharedWindows } from '../support/search.js'
import { LinkControl } from '../support/tap.js'
import { exchange, send } from '../support/transfer.js'

const PLAINTEXT_BYTES = 128 * 1024

const testnet = useTestnet()

/** A key pair's secrets in every form in which they could have got onto the wire. */
function forms(seed: Uint8Array): [form: string, bytes: Uint8Array][] {
  // The first half of the hash is the scalar used for signatures and handshakes.
  const scalar = createHash('sha512').update(seed).digest()
  return [
    ['the seed, which is the secret half of the secret key', seed],
    ['the seed in hex', b4a.from(b4a.toString(seed, 'hex'))],
    ['the seed in base64', b4a.from(b4a.toString(seed, 'base64'))],
    ['the scalar', scalar.subarray(0, 32)],
    ['the scalar in hex', b4a.from(b4a.toString(scalar.subarray(0, 32), 'hex'))],
    ['the other half of the hash, from which nonces are made', scalar.subarray(32)]
  ]
}

test('no part of a secret key and no 16 bytes of plaintext ever appear on a link', async () => {
  const rig = await createRig({ testnet: testnet() })
  const clients = ['client', 'other client'].map((name) => {
    const [seed, control] = [randomBytes(32), new LinkControl()]
    control.record = true
    return { name, seed, control, swarm: rig.createSwarm({ seed, control }) }
  })
  const [client, other] = clients
  if (!client || !other) return expect.unreachable()
  const native = rig.createNative()
  const topic = freshTopic()
  for (const swarm of [client.swarm, other.swarm, native]) await swarm.join(topic).flushed()
  const pairs = [await connectionBetween(client.swarm, other.swarm), await connectionBetween(client.swarm, native)]
  const plaintext = randomBytes(PLAINTEXT_BYTES)
  for (const [near, far] of pairs) {
    for (const [from, to] of [
      [near, far],
      [far, near]
    ] as const) {
      let arrived = 0
      to.on('data', (chunk) => {
        arrived += chunk.byteLength
      })
      await send(from, plaintext)
      await until('the plaintext', () => arrived === PLAINTEXT_BYTES)
    }
  }
  client.control.cut()
  await until('the client is back', () => client.control.opened === 2 && client.swarm.connected)
  for (const [near, far] of pairs) await exchange(near, far, 1000)
  await client.swarm.leave(topic)

  for (const { name, control } of clients) {
    for (const [direction, bytes] of Object.entries(control.recorded)) {
      expect(bytes.byteLength, `bytes ${direction} by ${name}`).toBeGreaterThan(PLAINTEXT_BYTES)
      const carried = [bytes, ...(control.opened === 1 ? deframe(bytes) : [])]
      for (const haystack of carried) {
        expect(sharedWindows(plaintext, haystack), `plaintext ${direction} by ${name}`).toBe(0)
        for (const { seed, name: whose } of clients) {
          for (const [form, secret] of forms(seed)) {
            expect(sharedWindows(secret, haystack), `${form} of ${whose}, ${direction} by ${name}`).toBe(0)
          }
        }
      }
    }
  }
})

test('the search finds its target, whole in a frame or split across frames', () => {
  const plaintext = randomBytes(1000)
  const header = (id: number) => Uint8Array.of(id, 0, 0, 0)
  const frame = (part: Uint8Array) => encodeFrame(FRAME.STREAM_DATA, b4a.concat([header(1), part]))
  const whole = b4a.concat([randomBytes(100), frame(plaintext), frame(randomBytes(100))])
  expect(sharedWindows(plaintext.subarray(500, 516), whole)).toBe(1)
  const pieces = Array.from({ length: 100 }, (_, i) => frame(plaintext.subarray(i * 10, i * 10 + 10)))
  expect(sharedWindows(plaintext, b4a.concat(pieces))).toBe(0)
  expect(deframe(b4a.concat(pieces)).map((stream) => sharedWindows(plaintext, stream))).toEqual([985])
})
