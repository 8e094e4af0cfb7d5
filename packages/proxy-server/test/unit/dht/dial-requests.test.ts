import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { turns } from '../../../../runtime/test/support/until.js'
import { createAbort } from '../../../src/client/abort.js'
import { DialRequests } from '../../../src/dht/dial-requests.js'
import { codeOf } from '../../support/test-client.js'

const settle = () => turns(3)
const network = (name: string) => ({ network: name })
const never = createAbort().signal
const silence = () => new Promise<never>(() => {})

function create(max: number) {
  const clock = new FakeClock()
  return { clock, requests: new DialRequests(max, clock) }
}

test('a request that waits begins when another ends, in turn by network', async () => {
  const { requests } = create(1)
  const begun: string[] = []
  const ends: (() => void)[] = []
  const run = (name: string) =>
    requests.run(network(name), never, () => {
      begun.push(name)
      return new Promise<void>((resolve) => ends.push(resolve))
    })
  const all = ['a', 'a', 'a', 'b'].map(run)
  await settle()
  expect(requests).toMatchObject({ inFlight: 1, queued: 3 })
  for (let i = 0; i < all.length; i++) {
    ends[i]?.()
    await settle()
  }
  expect(begun).toEqual(['a', 'a', 'b', 'a'])
  expect(requests).toMatchObject({ inFlight: 0, queued: 0 })
})

test('silent nodes keep no place for long while others wait, and as long as they like otherwise', async () => {
  // 64 dials to silent addresses took all of the DHT node's window for half a minute.
  const { clock, requests } = create(2)
  const silent = network('a')
  const given = [1, 2, 3].map(() => codeOf(requests.run(silent, never, silence)))
  await clock.advance(499)
  expect(requests).toMatchObject({ inFlight: 2, queued: 1 })
  await clock.advance(1)
  expect(await given[0]).toBe('PEER_CONNECTION_FAILED')
  await settle()
  expect(requests).toMatchObject({ inFlight: 2, queued: 0 })
  await clock.advance(60_000)
  expect(requests, 'nobody waits any more').toMatchObject({ inFlight: 2, queued: 0 })
  expect(clock.liveTimers).toBe(0)
})

test('the request that is given up is ended at the node', async () => {
  const { clock, requests } = create(1)
  const signals: AbortSignal[] = []
  const run = () =>
    requests.run(network('a'), never, (signal) => {
      signals.push(signal)
      return silence()
    })
  const first = codeOf(run())
  void run()
  await clock.advance(1000)
  await first
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
})

const crowds: [what: string, ownerOf: (i: number) => string, newcomer: string][] = [
  ['of its address', () => 'a', 'a'],
  ['of another address', () => 'a', 'b'],
  ['of 30 addresses', (i) => `${i}`, 'b'],
  ['of 30 addresses, its own among them,', (i) => `${i}`, '0']
]

test.each(crowds)('a newcomer waits for no crowd %s that dials silent addresses', async (_, nameOf, newcomer) => {
  const { clock, requests } = create(4)
  let begun = 0
  const dial = (owner: { network: string }) =>
    requests
      .run(owner, never, () => {
        begun++
        return silence()
      })
      .catch(() => {})
  for (let i = 0; i < 30; i++) {
    const owner = network(nameOf(i))
    for (let n = 0; n < 64; n++) void dial(owner)
  }
  await clock.advance(60_000)
  const honest = network(newcomer)
  // More of them than anybody is ahead of others: what is answered at once does not count.
  for (let i = 0; i < 20; i++) {
    const before = begun
    expect(await requests.run(honest, never, async () => 'answer')).toBe('answer')
    expect(begun - before).toBeLessThanOrEqual(1)
    await clock.advance(500)
  }
  expect(requests).toMatchObject({ inFlight: 4 })
})

test('cancelled dials leave the queue and end their requests', async () => {
  const { requests } = create(1)
  const controller = createAbort()
  const codes = [1, 2].map(() => codeOf(requests.run(network('a'), controller.signal, silence)))
  const other = requests.run(network('b'), never, async () => 'answer')
  await settle()
  controller.abort()
  expect(await Promise.all(codes)).toEqual(['ABORTED', 'ABORTED'])
  expect(await other).toBe('answer')
  expect(await codeOf(requests.run(network('a'), controller.signal, silence))).toBe('ABORTED')
  expect(requests).toMatchObject({ inFlight: 0, queued: 0 })
})

test('a dial that ends just as its turn comes keeps no place', async () => {
  // The signal was looked at before the turn and listened to after it: the request ran for as long as the node was silent.
  const { requests } = create(1)
  const controller = createAbort()
  let begunCount = 0
  const run = () => {
    begunCount++
    return silence()
  }
  const ended = codeOf(requests.run(network('a'), controller.signal, run))
  expect(requests.inFlight).toBe(1)
  controller.abort()
  expect(await ended).toBe('ABORTED')
  expect(begunCount).toBe(0)
  expect(requests).toMatchObject({ inFlight: 0, queued: 0 })
})
