/** A MessagePort as a duplex. */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { type MessagePortDuplex, type MessagePortLike, messagePort } from '../../../src/transports/messageport.js'

const MIB = 1024 * 1024

function pair(): [MessagePortDuplex, MessagePortDuplex, MessagePort] {
  const { port1, port2 } = new MessageChannel()
  const [near, far] = [port1, port2].map((port) => messagePort(port as unknown as MessagePortLike))
  if (near === undefined || far === undefined) return expect.unreachable()
  for (const end of [near, far]) end.on('error', () => {})
  onTestFinished(() => {
    near.destroy()
    far.destroy()
  })
  return [near, far, port1]
}

function collect(duplex: MessagePortDuplex): Uint8Array[] {
  const chunks: Uint8Array[] = []
  duplex.on('data', (chunk) => chunks.push(chunk as Uint8Array))
  return chunks
}

test('carries bytes both ways, and ends one direction at a time', async () => {
  const [near, far] = pair()
  const [atNear, atFar] = [collect(near), collect(far)]
  let hasEnded = false
  far.on('end', () => {
    hasEnded = true
  })
  near.write(b4a.from('there'))
  near.end(undefined)
  await until('the end', () => hasEnded)
  far.write(b4a.from('back'))
  far.end(undefined)
  await until('both are gone', () => near.destroyed && far.destroyed)
  expect([b4a.concat(atFar), b4a.concat(atNear)].map((bytes) => b4a.toString(bytes))).toEqual(['there', 'back'])
})

test('sends only the written bytes, and nothing else of the buffer they are in', async () => {
  // Every small message used to carry a whole 8 KiB pool, with whatever else the process had in it.
  const { port1, port2 } = new MessageChannel()
  const duplex = messagePort(port1 as unknown as MessagePortLike)
  const message = new Promise<Uint8Array>((resolve) => port2.once('message', resolve))
  duplex.write(b4a.from('small'))
  expect((await message).buffer.byteLength).toBe(5)
  duplex.destroy()
  port2.close()
})

test('makes a writer wait for a reader, again and again', async () => {
  const [near, far] = pair()
  let received = 0
  far.on('data', (chunk) => {
    received += (chunk as Uint8Array).byteLength
  })
  for (let stall = 1; stall <= 3; stall++) {
    far.pause()
    let sent = 0
    while (near.write(b4a.alloc(64 * 1024)) || (await reaches(near))) {
      sent += 64 * 1024
      expect(sent, 'bytes that nobody has read').toBeLessThan(2 * MIB)
    }
    far.resume()
    const before = received
    await until('it continues', () => received > before)
    await turns()
  }
})

/** Whether a writer that was asked to wait may continue. */
async function reaches(duplex: MessagePortDuplex): Promise<boolean> {
  let isDrained = false
  duplex.once('drain', () => {
    isDrained = true
  })
  await turns(200)
  return isDrained
}

test('tells the other end that it was destroyed', async () => {
  const [near, far] = pair()
  near.destroy(new Error('on purpose'))
  await until('the other noticed', () => far.destroyed)
})

test('ends with an error when the other end is not a link', async () => {
  const { port1, port2 } = new MessageChannel()
  const duplex = messagePort(port1 as unknown as MessagePortLike)
  const failed = new Promise((resolve) => duplex.once('error', resolve))
  port2.postMessage({ hello: 'world' })
  expect(await failed).toHaveProperty('message', 'the other end of the port is not a link')
  port2.close()
})
