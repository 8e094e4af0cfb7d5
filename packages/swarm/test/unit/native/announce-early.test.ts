/** What is stored of an announce that began before the server listened. */
import { describe, expect, test } from 'vitest'
import { deferred } from '../../../../runtime/test/support/deferred.js'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { announceEarlyOn } from '../../../src/native/announce-early.js'
import type { Address, NodeServer } from '../../../src/network/dht-node.js'
import { createKeyPair } from '../../../src/util/keys.js'
import { bytes32 } from '../../support/fake-swarm.js'

const OWN = { host: '192.0.2.1', port: 1 }
const RELAYS = [2, 3, 4].map((port) => ({ host: '192.0.2.9', port }))

type Sign = (target: Uint8Array, token: Uint8Array, id: Uint8Array, record: object, key: object) => Promise<Uint8Array>

/** A node that is still finding out about its network, and an announce of a server that does not listen yet. */
function setUp({ own = null as Address | null, relays = RELAYS } = {}) {
  const clock = new FakeClock()
  const [listening, bootstrapped] = [deferred(), deferred()]
  const state = { isOver: false }
  const node = { _requestAnnounce() {}, fullyBootstrapped: () => bootstrapped.promise, remoteAddress: () => own }
  const server = { relayAddresses: relays } as unknown as NodeServer
  const announce = announceEarlyOn(node, clock)
  const options = announce?.({ server, listening: listening.promise, isOver: () => state.isOver })
  const { signAnnounce } = options as { signAnnounce: Sign }
  const record = { peer: { publicKey: bytes32(1), relayAddresses: [] as Address[] }, refresh: null }
  const sign = () => signAnnounce(bytes32(2), bytes32(3), bytes32(4), record, createKeyPair())
  return { clock, listening, bootstrapped, state, record, sign }
}

test('nothing is signed before the server listens and the node knows whether it is reached directly', async () => {
  const { clock, listening, bootstrapped, record, sign } = setUp()
  let isSigned = false
  const signing = sign().then((signature) => {
    isSigned = true
    return signature
  })
  await clock.advance(10)
  listening.resolve()
  await clock.advance(10)
  expect(isSigned).toBe(false)
  bootstrapped.resolve()
  expect(await signing).toHaveLength(64)
  expect(record.peer.relayAddresses).toEqual(RELAYS)
})

test('a node that takes long to find that out is waited for no longer than a second', async () => {
  const { clock, listening, record, sign } = setUp()
  listening.resolve()
  const signing = sign()
  await clock.advance(1000)
  await signing
  expect(record.peer.relayAddresses).toEqual(RELAYS)
})

describe('the address of a node that others reach directly', () => {
  test.each([
    ['comes before those of its relays, of which the last makes room', RELAYS, [OWN, ...RELAYS.slice(0, 2)]],
    ['is not named twice', [OWN, ...RELAYS.slice(1)], [OWN, ...RELAYS.slice(1)]]
  ])('%s', async (_, relays, expected) => {
    const { bootstrapped, listening, record, sign } = setUp({ own: OWN, relays })
    listening.resolve()
    bootstrapped.resolve()
    await sign()
    expect(record.peer.relayAddresses).toEqual(expected)
  })
})

test('an announce that has ended meanwhile stores nothing', async () => {
  const { bootstrapped, listening, sign, state } = setUp()
  const signing = sign()
  state.isOver = true
  listening.resolve()
  bootstrapped.resolve()
  await expect(signing).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('an announce of a server that cannot listen fails with its error', async () => {
  const { listening, sign } = setUp()
  listening.reject(new Error('the key is in use'))
  await expect(sign()).rejects.toThrow('the key is in use')
})

test('another kind of node is left alone: its announces begin when the server listens', () => {
  expect(announceEarlyOn({ fullyBootstrapped() {}, remoteAddress() {} }, new FakeClock())).toBeUndefined()
})
