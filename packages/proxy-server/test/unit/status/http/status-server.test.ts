/** Strangers at a port for operators: they may connect, be silent and be slow, and nobody else waits for them. */
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { until } from '../../../../../runtime/test/support/until.js'
import { createStatusServer } from '../../../../src/status/index.js'
import { listenToAddresses } from '../../../support/addressed-server.js'

const STRANGER = '192.0.2.1'
const OPERATOR = '198.51.100.1'

/** A server, and a way to connect to it from any address. */
async function setUp(
  answer: RequestListener = (_request, response) => void response.end('figures'),
  timeoutMs?: number
) {
  const openFrom = await listenToAddresses(createStatusServer(answer, timeoutMs))
  return async (address: string, text = ''): Promise<Socket> => {
    const socket = await openFrom(address, (port) => connect(port, '127.0.0.1'))
    socket.resume().write(text)
    return socket
  }
}

const GET = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'

/** With 100 connections that said nothing, a stranger kept the operator out of the status page, again and again. */
test('the silent connections of one stranger give way to those of others', async () => {
  // The answer does not end, so that only strangers give way, however long this takes.
  const open = await setUp((_request, response) => void response.write('figures'), 600_000)
  const kept = await open(OPERATOR, GET)
  const silent: Socket[] = []
  for (let i = 0; i < 120; i++) silent.push(await open(STRANGER))
  const late = await open(OPERATOR, GET)
  await until('both answers', () => kept.bytesRead > 0 && late.bytesRead > 0)
  await until('room', () => silent.slice(0, 22).every((socket) => socket.closed))
  expect([kept, late, ...silent.slice(22)].filter((socket) => socket.closed)).toEqual([])
})

/** The admin port waited for a minute for headers, and for five for a body, also of a request that it had refused at once. */
test.each([
  ['no request', ''],
  ['headers without end', 'GET / HTTP/1.1\r\nhost: localhost\r\n'],
  ['a body without end', 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nabc']
])('%s: the connection is closed after the time for a request', async (_what, text) => {
  const open = await setUp(undefined, 100)
  const socket = await open(STRANGER, text)
  await until('the end', () => socket.closed)
})

test.each([0, -1, 1.5, Number.NaN])('a timeout of %s is refused by name', (timeoutMs) => {
  expect(() => createStatusServer(() => {}, timeoutMs)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('requestTimeoutMs') })
  )
})
