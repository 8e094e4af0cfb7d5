import { type ProxyClient, topicFrom } from '@swarmway/proxy-client'
import b4a from 'b4a'
import Protomux, { type Message } from 'protomux'
import { expect, test } from 'vitest'
import { RoomWithHistory } from '../room/history.ts'
import { Room } from '../room/room.ts'
import { createStore } from './stores.ts'
import { createSwarms } from './swarms.ts'

const TOPIC = topicFrom('recipes: room')

function enter(swarm: ProxyClient, name: string) {
  const room = new Room(swarm, TOPIC, { name })
  const heard: string[] = []
  room.on('message', (text, { profile }) => heard.push(`${profile['name']}: ${text}`))
  return { room, heard, names: () => room.members.map(({ profile }) => profile['name']).sort() }
}

test('everybody hears what is said and sees who is here; a member that leaves is gone, and its swarm stays', async () => {
  const [one, two, three] = await createSwarms(3)
  if (!one || !two || !three) throw new Error('three are needed')
  const [anna, ben, carl] = [enter(one, 'anna'), enter(two, 'ben'), enter(three, 'carl')]
  await expect.poll(() => anna.names()).toEqual(['ben', 'carl'])
  await expect.poll(() => ben.names()).toEqual(['anna', 'carl'])
  await expect.poll(() => carl.names()).toEqual(['anna', 'ben'])
  anna.room.say('is there tea?')
  for (const { heard } of [ben, carl]) await expect.poll(() => heard).toEqual(['anna: is there tea?'])
  await ben.room.leave()
  await expect.poll(() => anna.names()).toEqual(['carl'])
  anna.room.say('only carl')
  await expect.poll(() => carl.heard).toContain('anna: only carl')
  expect(ben.heard).toEqual(['anna: is there tea?'])
})

test('a profile or a message that is too long throws', async () => {
  const [swarm] = await createSwarms(1)
  if (!swarm) throw new Error('one is needed')
  expect(() => new Room(swarm, TOPIC, { name: 'x'.repeat(4096) })).toThrow(RangeError)
  const { room } = enter(swarm, 'anna')
  expect(() => room.say('x'.repeat(65_537))).toThrow(RangeError)
})

test.each([
  ['a profile that is not JSON', 0, b4a.from('{')],
  ['a profile that is not an object of strings', 0, b4a.from('{"name":3}')],
  ['a profile of 5 kB', 0, b4a.from(JSON.stringify({ name: 'x'.repeat(5000) }))],
  ['a message of 70 kB', 1, b4a.alloc(70_000, 'x')]
])('a peer that sends %s loses its connection', async (_, index, bytes) => {
  const [honest, hostile] = await createSwarms(2)
  if (!honest || !hostile) throw new Error('two are needed')
  const { heard, names } = enter(honest, 'anna')
  await send(hostile, index, bytes)
  expect([names(), heard]).toEqual([[], []])
})

test('a member that comes later reads what was said before, and then what is said', async () => {
  const [one, two] = await createSwarms(2)
  if (!one || !two) throw new Error('two are needed')
  const anna = await RoomWithHistory.enter(one, TOPIC, createStore(), { name: 'anna' })
  await anna.say('first')
  const ben = await RoomWithHistory.enter(two, TOPIC, createStore(), { name: 'ben' })
  const read: string[] = []
  ben.on('said', (text) => read.push(text))
  await expect.poll(() => read).toEqual(['first'])
  await anna.say('second')
  await expect.poll(() => read).toEqual(['first', 'second'])
  await anna.leave()
  await ben.leave()
})

/** Sends the bytes in the room, and waits until the peer has hung up. */
async function send(swarm: ProxyClient, index: number, bytes: Uint8Array): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    swarm.once('connection', (connection) => {
      connection.on('error', () => {})
      connection.once('close', () => resolve())
      const messages: (Message | undefined)[] = []
      const channel = Protomux.from(connection).createChannel({
        protocol: 'swarmway-recipe-room',
        id: topicFrom(`room ${b4a.toString(TOPIC, 'hex')}`),
        onopen: () => void messages[index]?.send(bytes),
        onclose: () => {}
      })
      for (let count = 0; count < 2; count++) messages.push(channel?.addMessage({ onmessage: () => {} }))
      channel?.open()
    })
  })
  const session = swarm.join(TOPIC)
  await ended
  await session.destroy()
}
