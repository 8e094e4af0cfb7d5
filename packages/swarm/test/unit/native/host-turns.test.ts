import { expect, test } from 'vitest'
import { monotonicMs } from '../../../../runtime/src/index.js'
import { HostTurns } from '../../../src/native/host-turns.js'

/** Turns whose work takes this long, and what has been done in the order in which it was. */
function timed(pieceMs: number) {
  let nowMs = 0
  const turns = new HostTurns({ now: () => monotonicMs(nowMs) })
  const done: string[] = []
  const take = (host: string) =>
    turns.take(host, async () => {
      done.push(host)
      nowMs += pieceMs
      return host
    })
  return { done, take }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

// 60 requests of a stranger were decrypted before the one of an honest peer that came after them.
test('a host that asks once waits for one piece of each other host, however many those have', async () => {
  const { done, take } = timed(10)
  const floods = Array.from({ length: 60 }, () => take('flood'))
  const others = [take('other'), take('honest')]
  expect(done).toEqual(['flood'])
  expect(await Promise.all(others)).toEqual(['other', 'honest'])
  expect(done).toEqual(['flood', 'flood', 'other', 'honest'])
  await Promise.all(floods)
  expect(done.length).toBe(62)
})

test('a turn of the loop has some milliseconds of work, and then lets others run', async () => {
  const { done, take } = timed(1)
  for (let i = 0; i < 10; i++) take('a host')
  expect(done.length).toBe(1)
  await nextTurn()
  expect(done.length).toBe(5)
  await nextTurn()
  expect(done.length).toBe(9)
})

test('nobody waits if nothing was done in this turn', async () => {
  const { done, take } = timed(0)
  take('a host')
  await nextTurn()
  take('a host')
  expect(done.length).toBe(2)
})

test('a host has 1,024 pieces waiting at most, and less beside others', async () => {
  const { done, take } = timed(10)
  take('first')
  for (let i = 0; i < 1024; i++) expect(take('flood')).not.toBeNull()
  expect(take('flood')).toBeNull()
  for (let i = 0; i < 512; i++) expect(take('other')).not.toBeNull()
  expect(take('other')).toBeNull()
  expect(await take('honest')).toBe('honest')
  expect(done).toEqual(['first', 'flood', 'other', 'honest'])
})

// With invented addresses, each of which had one piece, the line grew without an end.
test('256 hosts have work waiting at most, and a host that has some is not shut out', async () => {
  const { done, take } = timed(10)
  take('first')
  for (let i = 0; i < 256; i++) expect(take(`host ${i}`)).not.toBeNull()
  expect(take('one more')).toBeNull()
  expect(take('host 0')).not.toBeNull()
  await nextTurn()
  expect(done).toEqual(['first', 'host 0'])
})
