import { monotonicMs } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { createAbort } from '../../../src/client/abort.js'
import type { Client } from '../../../src/client/client.js'
import { DhtQueue } from '../../../src/dht/dht-queue.js'
import { QuerySlots } from '../../../src/dht/query-slots.js'
import { codeOf } from '../../support/test-client.js'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a client has four turns at once; a query that leaves the queue, however late, blocks no other', async () => {
  const slots = new QuerySlots({ limits: { maxQueries: 100 } } as Client)
  const running: (() => void)[] = []
  let begun = 0
  const task = () => {
    begun++
    return new Promise<void>((resolve) => running.push(resolve))
  }
  const stays = createAbort()
  const leaves = createAbort()
  const first = Array.from({ length: 4 }, () => slots.turn(stays.signal, task))
  const gone = Array.from({ length: 3 }, () => codeOf(slots.turn(leaves.signal, task)))
  const last = Array.from({ length: 4 }, () => slots.turn(stays.signal, task))
  expect(begun).toBe(4)
  // One query gets its turn at the moment when it leaves.
  running.shift()?.()
  await Promise.resolve()
  leaves.abort()
  expect(await Promise.all(gone)).toEqual(['ABORTED', 'ABORTED', 'ABORTED'])
  await turn()
  expect(begun).toBe(5)
  while (running.length > 0) {
    running.shift()?.()
    await turn()
  }
  await Promise.all([...first, ...last])
  expect(begun).toBe(8)
})

test('a query that hangs gives up its slot after a while, and still settles as usual', async () => {
  let late: (() => void) | null = null
  const clock = {
    now: () => monotonicMs(0),
    setTimeout: (run: () => void) => {
      late = run
      return 1
    },
    clearTimeout: () => {}
  }
  const queue = new DhtQueue(1, clock)
  let fail: (error: Error) => void = () => {}
  const hanging = queue.schedule('join', () => new Promise<void>((_, reject) => (fail = reject)))
  const next = queue.schedule('join', async () => {})
  await turn()
  expect(queue).toMatchObject({ inFlight: 1, queued: 1 })
  ;(late as unknown as () => void)()
  await next.done
  expect(queue).toMatchObject({ inFlight: 0, queued: 0 })
  fail(Object.assign(new Error('late'), { code: 'LATE' }))
  expect(await codeOf(hanging.done)).toBe('LATE')
})
