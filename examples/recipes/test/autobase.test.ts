import type { ProxyClient } from '@swarmway/proxy-client'
import { expect, onTestFinished, test } from 'vitest'
import { SharedNotes } from '../autobase/shared-notes.ts'
import { createStore } from './stores.ts'
import { createSwarms } from './swarms.ts'

async function open(swarm: ProxyClient, key: Uint8Array | null = null): Promise<SharedNotes> {
  const notes = await SharedNotes.open(swarm, createStore(), key)
  onTestFinished(() => notes.close())
  return notes
}

test('three writers add notes at the same time, and all see the same list', async () => {
  const [one, two, three] = await createSwarms(3)
  if (!one || !two || !three) throw new Error('three are needed')
  const anna = await open(one)
  const [ben, carl] = [await open(two, anna.key), await open(three, anna.key)]
  expect([anna.isWriter, ben.isWriter, carl.isWriter]).toEqual([true, false, false])
  await anna.admit(ben.writerKey)
  await expect.poll(async () => (await ben.list()) && ben.isWriter).toBe(true)
  // A writer that has been admitted can admit others.
  await ben.admit(carl.writerKey)
  await expect.poll(async () => (await carl.list()) && carl.isWriter).toBe(true)
  await Promise.all([anna.add('tea'), ben.add('milk'), carl.add('sugar')])
  for (const notes of [anna, ben, carl]) {
    await expect.poll(async () => (await notes.list()).sort()).toEqual(['milk', 'sugar', 'tea'])
  }
  await expect
    .poll(async () => {
      const lists = await Promise.all([anna, ben, carl].map((notes) => notes.list()))
      return new Set(lists.map((list) => list.join())).size
    })
    .toBe(1)
})

test('a peer that has not been admitted cannot write', async () => {
  const [one, two] = await createSwarms(2)
  if (!one || !two) throw new Error('two are needed')
  const anna = await open(one)
  const ben = await open(two, anna.key)
  await anna.add('tea')
  await expect.poll(() => ben.list()).toEqual(['tea'])
  await expect(ben.add('milk')).rejects.toThrow('Not writable')
})
