import { expect, test } from 'vitest'
import {
  ask,
  CLIENT_NOTICE,
  CLIENT_NOTICES,
  CLIENT_REQUEST,
  CLIENT_REQUESTS,
  noticeOf,
  type ProxyError,
  tell
} from '../../../src/index.js'

const KEY = new Uint8Array(32).fill(7)

test('ask sends the number and the body of an operation, and reads the answer with the same entry of the table', async () => {
  const sent: [number, Uint8Array][] = []
  const request = async (op: number, body: Uint8Array) => {
    sent.push([op, body])
    return CLIENT_REQUESTS.IMMUTABLE_GET.answer.encode(KEY)
  }
  const value = await ask({ request }, CLIENT_REQUESTS.IMMUTABLE_GET, KEY)
  expect(new Uint8Array(value ?? [])).toEqual(KEY)
  expect(sent).toEqual([[CLIENT_REQUEST.IMMUTABLE_GET, CLIENT_REQUESTS.IMMUTABLE_GET.body.encode(KEY)]])
})

test('an answer that cannot be read rejects, and the sender learns of it', async () => {
  const unreadable: ProxyError[] = []
  const sender = {
    request: async () => new Uint8Array(3),
    onUnreadable: (error: ProxyError) => unreadable.push(error)
  }
  const asked = ask(sender, CLIENT_REQUESTS.IMMUTABLE_PUT, KEY)
  await expect(asked).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
  expect(unreadable).toMatchObject([{ code: 'PROTOCOL_ERROR' }])
})

test('a request that fails is not an unreadable answer', async () => {
  const unreadable: ProxyError[] = []
  const sender = {
    request: () => Promise.reject(new Error('refused')),
    onUnreadable: (error: ProxyError) => unreadable.push(error)
  }
  await expect(ask(sender, CLIENT_REQUESTS.FIND_PEER, KEY)).rejects.toThrow('refused')
  expect(unreadable).toEqual([])
})

test('a notification is encoded once for all that get it', () => {
  const sent: [number, Uint8Array][] = []
  const sender = { notify: (op: number, body: Uint8Array) => void sent.push([op, body]) }
  const notice = noticeOf(CLIENT_NOTICES.WATCH, KEY)
  notice(sender)
  notice(sender)
  tell(sender, CLIENT_NOTICES.QUERY_CANCEL, 9)
  expect(sent.map(([op]) => op)).toEqual([CLIENT_NOTICE.WATCH, CLIENT_NOTICE.WATCH, CLIENT_NOTICE.QUERY_CANCEL])
  expect(sent[0]?.[1]).toBe(sent[1]?.[1])
})
