import type { FoundPeer } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import { DhtQueue } from '../../../src/dht/dht-queue.js'
import type { DhtQuery, HyperDht } from '../../../src/dht/hyperdht.js'
import { SharedLookups } from '../../../src/discovery/shared-lookups.js'
import { Counters } from '../../../src/stats/counters.js'
import { topicOf } from '../../support/test-client.js'

const peer = (seed: number): FoundPeer => ({ publicKey: topicOf(seed), relayAddresses: [] })

/** Lookups in a DHT with answers set by the test. `null`: one that never comes; `silence`: no node answers. */
function create(answers: (FoundPeer[] | null | 'silence')[]) {
  const clock = new FakeClock()
  const dht = {
    lookup: (): DhtQuery => {
      const [answer = []] = answers.splice(0, 1)
      const reply = async function* () {
        if (answer === null) await new Promise<void>((resolve) => destroyed.push(resolve))
        if (answer !== 'silence') yield { peers: answer ?? [] }
      }
      const closestReplies = Array.isArray(answer) ? [{}] : []
      return Object.assign(reply(), {
        closestReplies,
        destroy: () => void destroyed.map((end) => end())
      }) as unknown as DhtQuery
    }
  }
  const evidence: boolean[] = []
  const destroyed: (() => void)[] = []
  const onEvidence = (isAnswered: boolean) => void evidence.push(isAnswered)
  const queue = new DhtQueue({ maxInFlight: 8, clock })
  const tools = { queue, clock, counters: new Counters(), cacheMs: 500, onEvidence }
  const lookups = new SharedLookups(dht as unknown as HyperDht, tools)
  /** The peers reported to a client: until the lookup ends, or at once. */
  const seen = async (isAtOnce = false): Promise<number[]> => {
    const found: number[] = []
    const { done } = lookups.join(topicOf(9), { network: 'a' }, (peers) =>
      found.push(...peers.map(({ publicKey }) => publicKey[0] ?? 0))
    )
    if (!isAtOnce) await done
    return found
  }
  return { clock, counters: tools.counters, evidence, lookups, seen }
}

test('a client that joins a slow lookup gets the peers of the previous lookup at once', async () => {
  // 500 clients of one server dialled at once, which filled the DHT node's window; clients that came a moment later
  // waited 43 seconds for a lookup of the same topic.
  const { clock, counters, lookups, seen } = create([[peer(1)], null])
  expect(await seen()).toEqual([1])
  await clock.advance(500)
  expect(await seen(true)).toEqual([1])
  await until(() => counters.lookupsMade === 2)
  expect(counters.lookupsMade, 'and the lookup is made').toBe(2)
  lookups.destroy()
})

test('peers that are not found again are not reported to others', async () => {
  const { clock, lookups, seen } = create([[peer(1)], [peer(2)], [peer(3)]])
  await seen()
  await clock.advance(500)
  expect(await seen()).toEqual([1, 2])
  await clock.advance(500)
  expect(await seen()).toEqual([2, 3])
  lookups.destroy()
})

test('nothing is kept for longer than ten seconds', async () => {
  const { clock, lookups, seen } = create([[peer(1)], []])
  await seen()
  await clock.advance(500)
  await clock.advance(10_000)
  expect(await seen()).toEqual([])
  lookups.destroy()
})

// It was a success, whose result was shared; the server noticed late that its DHT was gone, and clients waited long after it was back.
test('a lookup that no node answers fails, is not shared, and is evidence that the DHT is gone', async () => {
  const { evidence, lookups, seen } = create(['silence', [peer(1)]])
  await expect(seen()).rejects.toThrow('no node of the DHT has answered')
  expect(evidence).toEqual([false])
  expect(await seen()).toEqual([1])
  expect(evidence).toEqual([false, true])
  lookups.destroy()
})

test('a lookup that ends because nobody waits for it any more says nothing about the DHT', async () => {
  const { counters, evidence, lookups } = create([null])
  const { done, leave } = lookups.join(topicOf(9), { network: 'a' }, () => {})
  await until(() => counters.lookupsMade === 1)
  leave()
  await done
  expect(evidence).toEqual([])
})
