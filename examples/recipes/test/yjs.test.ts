import { randomBytes } from 'node:crypto'
import { type ProxyClient, topicFrom } from '@swarmway/proxy-client'
import b4a from 'b4a'
import Protomux from 'protomux'
import { expect, onTestFinished, test } from 'vitest'
import { Doc } from 'yjs'
import { SwarmProvider } from '../yjs/swarm-provider.ts'
import { createSwarms } from './swarms.ts'

const TOPIC = topicFrom('recipes: yjs')

function open(swarm: ProxyClient): { doc: Doc; provider: SwarmProvider; text: () => string } {
  const doc = new Doc()
  const provider = new SwarmProvider(swarm, TOPIC, doc)
  onTestFinished(() => provider.destroy())
  return { doc, provider, text: () => doc.getText('page').toString() }
}

const namesAt = ({ awareness }: SwarmProvider) =>
  [...awareness.getStates().values()].flatMap(({ name }) => (name === undefined ? [] : [name])).sort()

test('what two peers wrote before they met is merged, and what they write later arrives', async () => {
  const [here, there] = (await createSwarms(2)).map(open)
  if (!here || !there) throw new Error('two are needed')
  here.doc.getText('page').insert(0, 'one ')
  there.doc.getText('page').insert(0, 'two ')
  for (const { text } of [here, there]) await expect.poll(() => text().split(' ').sort()).toEqual(['', 'one', 'two'])
  there.doc.getText('page').insert(8, 'three')
  await expect.poll(() => here.text()).toContain('three')
})

test('everybody sees who is here and what they say about themselves, until they go', async () => {
  const [first, second, third] = await createSwarms(3)
  if (!first || !second || !third) throw new Error('three are needed')
  const providers = [first, second, third].map((swarm) => open(swarm).provider)
  for (const [index, { awareness }] of providers.entries()) awareness.setLocalStateField('name', `peer ${index}`)
  for (const provider of providers) {
    await expect.poll(() => namesAt(provider)).toEqual(['peer 0', 'peer 1', 'peer 2'])
  }
  await second.destroy()
  const [watching] = providers
  await expect.poll(() => watching && namesAt(watching)).toEqual(['peer 0', 'peer 2'])
})

test('a peer that sends garbage, or speaks for somebody else, loses its connection, and the others stay', async () => {
  const [honest, watching, hostile] = await createSwarms(3)
  if (!honest || !watching || !hostile) throw new Error('three are needed')
  const [writer, reader] = [open(honest), open(watching)]
  writer.provider.awareness.setLocalStateField('name', 'writer')
  await expect.poll(() => namesAt(reader.provider)).toEqual(['writer'])
  const forged = [1, writer.doc.clientID]
  for (const [index, bytes] of [randomBytes(64), encodeClaim(forged)].entries()) await attack(hostile, index, bytes)
  writer.doc.getText('page').insert(0, 'still here')
  await expect.poll(() => reader.text()).toBe('still here')
  expect(namesAt(reader.provider)).toEqual(['writer'])
})

/** Sends the bytes to everybody who shares the document, and waits until they have hung up. */
async function attack(swarm: ProxyClient, message: number, bytes: Uint8Array): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    swarm.once('connection', (connection) => {
      connection.on('error', () => {})
      connection.once('close', () => resolve())
      const channel = Protomux.from(connection).createChannel({
        protocol: 'swarmway-recipe-yjs',
        id: topicFrom(`yjs ${b4a.toString(TOPIC, 'hex')}`),
        onopen: () => void messages[message]?.send(bytes),
        onclose: () => {}
      })
      const messages = [channel?.addMessage({ onmessage: () => {} }), channel?.addMessage({ onmessage: () => {} })]
      channel?.open()
    })
  })
  const session = swarm.join(TOPIC)
  await ended
  await session.destroy()
}

/** The head of an update of awareness: how many clients, and which. */
function encodeClaim(numbers: number[]): Uint8Array {
  return Uint8Array.from(numbers.flatMap(varUint))
}

function varUint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varUint(Math.floor(value / 128))]
}
