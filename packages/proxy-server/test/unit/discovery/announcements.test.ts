import { DEFAULT_LIMITS, type SignBody } from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import sodium from 'sodium-universal'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import type { Client } from '../../../src/client/client.js'
import type { ServerServices } from '../../../src/context/services.js'
import { DhtQueue } from '../../../src/dht/dht-queue.js'
import type { HyperDht } from '../../../src/dht/hyperdht.js'
import { announceMessage } from '../../../src/dht/native.js'
import { Announcements } from '../../../src/discovery/announcements.js'
import type { Keys } from '../../../src/listening/keys.js'
import { Counters } from '../../../src/stats/counters.js'

const MINUTE_MS = 60_000

/** The announcements of a client that listens on no key. */
function setUp() {
  const clock = new FakeClock()
  const keyPair = createKeyPair()
  const announced = new Set<string>()
  const rendezvous = {
    announce: (topic: Uint8Array) => void announced.add(String(topic)),
    withdraw: (topic: Uint8Array) => void announced.delete(String(topic)),
    isAnnounced: () => false,
    closestNodes: () => null
  }
  const sign = async (body: SignBody): Promise<Uint8Array> => {
    const signature = new Uint8Array(64)
    sodium.crypto_sign_detached(signature, announceMessage(body), keyPair.secretKey)
    return signature
  }
  const evidence: boolean[] = []
  const context = {
    ...{ clock, rendezvous, counters: new Counters(), listeners: { get: () => null } },
    queue: new DhtQueue({ maxInFlight: 8, clock }),
    dhtHealth: { onEvidence: (isAnswered: boolean) => void evidence.push(isAnswered) }
  } as unknown as ServerServices
  const client = { network: 'a', limits: { ...DEFAULT_LIMITS, maxTopics: 8 }, sign } as unknown as Client
  const announcements = new Announcements(context, client, {
    has: () => false,
    holds: async () => false
  } as unknown as Keys)
  const register = () => announcements.register(new Uint8Array(32), keyPair.publicKey, new AbortController().signal)
  return { announced, announcements, clock, evidence, register }
}

// Nobody withdraws a throw-away key whose program has crashed; the record in the DHT ends by then, too.
test('a key without a listener is announced for 20 minutes, counted from the last time', async () => {
  const { announced, announcements, clock, register } = setUp()
  await register()
  await clock.advance(19 * MINUTE_MS)
  await register()
  await clock.advance(19 * MINUTE_MS)
  expect([announced.size, announcements.size]).toEqual([1, 1])
  await clock.advance(MINUTE_MS)
  expect([announced.size, announcements.size, clock.liveTimers]).toEqual([0, 0, 0])
})

test('the end of the client leaves no timer', async () => {
  const { announcements, clock, register } = setUp()
  await register()
  announcements.destroy()
  expect([announcements.size, clock.liveTimers]).toEqual([0, 0])
})

// The server noticed late, or never, that its DHT was gone.
test('an announcement that no node answers is evidence that the DHT is gone', async () => {
  const { announcements, evidence, register } = setUp()
  const silence = async function* () {}
  const lookup = () => Object.assign(silence(), { closestReplies: [], closestNodes: [], destroy: () => {} })
  const dht = { lookup } as unknown as HyperDht
  const announcing = announcements.announce(dht, await register(), () => {}, new AbortController().signal)
  await expect(announcing).rejects.toThrow('too few nodes responded')
  expect(evidence).toEqual([false])
})
