/**
 * An attacker with a /48 has 65,536 networks: each had rates and budgets of its own, when they were divided into 16 groups
 * each of these. Now the networks of a site share them.
 */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { InputPaces } from '../../../src/fairness/input-paces.js'
import { NetworkPace } from '../../../src/fairness/network-pace.js'
import { RecentRates } from '../../../src/fairness/recent-rates.js'
import type { ClientLink } from '../../../src/sessions/client-link.js'
import { Greetings } from '../../../src/sessions/greetings.js'
import { Attempts } from '../../../src/status/access/attempts.js'
import { BufferBudget } from '../../../src/streams/budget.js'

const NETWORKS = Array.from({ length: 100 }, (_, i) => `2001:db8:1:${i.toString(16)}`)
const ELSEWHERE = '2001:db8:2:0'

test('the rate at which something begins', () => {
  const pace = new NetworkPace(10, new FakeClock())
  let begun = 0
  for (const network of NETWORKS) for (; pace.mayBegin(network); begun++) pace.count(network)
  expect([begun, pace.mayBegin(ELSEWHERE)]).toEqual([10, true])
})

test('the rate at which their links are read', () => {
  const paces = new InputPaces(1000, new FakeClock(), () => {})
  const takesOne = (network: string): boolean => paces.of(network).take(100)
  expect(NETWORKS.slice(0, 30).filter(takesOne).length).toBeLessThanOrEqual(10)
  expect(takesOne(ELSEWHERE)).toBe(true)
})

test('the rates that a departed client leaves behind', () => {
  const rates = new RecentRates(new FakeClock())
  rates.add('2001:db8:1:0', { listens: 0, notifications: 1, requests: 1, streams: 1 })
  expect(rates.take(ELSEWHERE)).toBeUndefined()
  expect(rates.take('2001:db8:1:1')).toMatchObject({ listens: 0 })
})

test('wrong tokens of the status page', () => {
  const attempts = new Attempts(new FakeClock())
  expect(NETWORKS.filter((network) => attempts.count(`${network}::1`)).length).toBe(10)
  expect(attempts.count(`${ELSEWHERE}::1`)).toBe(true)
})

test('memory for what waits in streams', async () => {
  const clock = new FakeClock()
  const budget = new BufferBudget(8 * 1024 ** 2, clock)
  const limits = new Map<string, number>()
  const add = (network: string, bufferedBytes: number) =>
    budget.add({
      kind: 'native',
      owner: { network },
      bufferedBytes,
      limitTo: (bytes) => limits.set(network, bytes),
      fail() {}
    })
  for (const network of NETWORKS.slice(0, 16)) add(network, 200 * 1024)
  add(ELSEWHERE, 0)
  await clock.advance(250)
  expect(limits.get('2001:db8:1:0')).toBeLessThan(limits.get(ELSEWHERE) ?? 0)
  budget.destroy()
})

test('places for greetings', () => {
  const greetings = new Greetings(NETWORKS.length, new FakeClock())
  const link = (remoteAddress: string) => ({ remoteAddress, link: { bytesIn: 1 } }) as unknown as ClientLink
  const links = NETWORKS.map((network) => link(`${network}::1`))
  for (const one of links) expect(greetings.add(one)).toBeNull()
  expect(greetings.add(link(`${ELSEWHERE}::1`))).toBe(links[0])
})
