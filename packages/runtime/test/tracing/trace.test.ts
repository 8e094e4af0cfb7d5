import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { onTrace, reasonOf, type TraceRecord, trace } from '../../src/index.js'
import { createChannel, type TraceChannel } from '../../src/tracing/channel.js'
import { uncaught } from '../support/uncaught.js'

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index + 0xa0)

afterEach(() => {
  delete process.env['SWARMWAY_TRACE_ADDRESSES']
})

function collect(): TraceRecord[] {
  const records: TraceRecord[] = []
  onTestFinished(onTrace((record) => records.push(record)))
  return records
}

test('while nobody listens no field is read', () => {
  const fields = {
    get peer(): Uint8Array {
      throw new Error('built')
    }
  }
  expect(trace.dial).toBeUndefined()
  trace.dial?.('opened', { peer: fields.peer })
  const end = onTrace(() => {})
  expect(() => trace.dial?.('opened', { peer: fields.peer })).toThrow('built')
  end()
  expect(trace.dial).toBeUndefined()
})

test('a subscriber of one channel of Node switches on that area alone', () => {
  const records: unknown[] = []
  const listener = (record: unknown) => records.push(record)
  subscribe('swarmway:dial', listener)
  onTestFinished(() => void unsubscribe('swarmway:dial', listener))
  expect([trace.link, channel('swarmway:link').hasSubscribers]).toEqual([undefined, false])
  trace.dial?.('begin', { peer: KEY, explicit: true })
  const fields = { peer: 'a0a1a2a3', explicit: true }
  expect(records).toEqual([{ area: 'dial', event: 'begin', timeMs: expect.any(Number), fields }])
})

test('two calls of onTrace with one listener are ended one by one', () => {
  let calls = 0
  const count = () => calls++
  const [end, endOther] = [onTrace(count), onTrace(count)]
  trace.link?.('open', { link: 1 })
  end()
  trace.link?.('open', { link: 1 })
  endOther()
  trace.link?.('open', { link: 1 })
  expect(calls).toBe(3)
})

test('keys and topics are shortened: who reads a whole topic in a log could join it', () => {
  const records = collect()
  trace.query?.('begin', { topic: KEY, kind: 'join', announces: false })
  expect(records[0]?.fields['topic']).toBe('a0a1a2a3')
})

test.each([
  ['connect ECONNREFUSED 10.1.2.3:4567', 'connect ECONNREFUSED <address>'],
  ['connect ECONNREFUSED ::1:8080 now', 'connect ECONNREFUSED <address> now'],
  ['[2001:db8::1]:443 is gone', '<address> is gone'],
  ['wss://localhost:80/x?token=secret failed', '<address> failed'],
  ['getaddrinfo ENOTFOUND proxy.example', 'getaddrinfo ENOTFOUND <address>'],
  ['no link for 60000 ms: gone', 'no link for 60000 ms: gone']
])('addresses are left out unless they are asked for: %s', (reason, expected) => {
  const records = collect()
  const emit = () => trace.server?.('denied', { link: 1, address: '10.1.2.3', code: 'LIMIT', reason })
  emit()
  process.env['SWARMWAY_TRACE_ADDRESSES'] = '1'
  emit()
  expect(records.map(({ fields }) => fields)).toEqual([
    { link: 1, code: 'LIMIT', reason: expected },
    { link: 1, address: '10.1.2.3', code: 'LIMIT', reason }
  ])
})

test('text that a stranger wrote cannot move the cursor, and is cut', () => {
  const records = collect()
  trace.session?.('detached', { session: 1, code: 'X', reason: `\u001b[2J\n${'a'.repeat(1000)}` })
  expect(records[0]?.fields['reason']).toMatch(/^ \[2J a+$/)
  expect(String(records[0]?.fields['reason']).length).toBeLessThanOrEqual(200)
})

test('the reason of anything that was thrown', () => {
  expect(reasonOf(Object.assign(new Error('gone'), { code: 'LIMIT' }))).toEqual({ code: 'LIMIT', reason: 'gone' })
  expect(reasonOf('gone')).toEqual({ code: 'UNKNOWN', reason: 'gone' })
})

describe.each<[string, () => TraceChannel]>([
  ['diagnostics_channel', () => createChannel('swarmway:test')],
  ['without Node', () => createChannel('swarmway:test', null)]
])('a channel, %s', (_name, create) => {
  const record: TraceRecord = { area: 'link', event: 'open', timeMs: 1, fields: {} }

  test('a subscriber that throws disturbs nobody: its error is uncaught, the others are called', async () => {
    const channel = create()
    const heard: TraceRecord[] = []
    const fault = () => {
      throw new Error('a fault of the subscriber')
    }
    const end = channel.subscribe(fault)
    channel.subscribe((one) => heard.push(one))
    const errors = await uncaught(() => channel.publish(record))
    end()
    expect(errors).toMatchObject([{ message: 'a fault of the subscriber' }])
    expect(heard).toEqual([record])
  })

  test('it knows whether somebody listens', () => {
    const channel = create()
    const before = channel.hasSubscribers
    const end = channel.subscribe(() => {})
    expect(channel.hasSubscribers).toBe(true)
    end()
    expect(channel.hasSubscribers).toBe(before)
  })
})
