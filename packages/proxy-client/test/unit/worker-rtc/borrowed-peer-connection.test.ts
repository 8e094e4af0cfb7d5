/** A peer connection in a page, as its worker has it. Node's ports are like those of browsers. */
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import { BorrowedPeerConnection } from '../../../src/worker-rtc/borrowed-peer-connection.js'
import type { Port, Report } from '../../../src/worker-rtc/messages.js'

/** One whose page does nothing but what the test has it report. */
function setUp() {
  const ports: Port[] = []
  let cancelled = 0
  const connection = new BorrowedPeerConnection((port) => {
    ports.push(port)
    return () => cancelled++
  })
  const [page] = ports as [Port]
  onTestFinished(() => {
    connection.close()
    page.close()
  })
  const report = (message: Report) => page.postMessage(message)
  return { connection, report, cancelled: () => cancelled }
}

// The call was posted to a closed port, and its promise never settled.
test.each([
  ['createOffer', (connection: BorrowedPeerConnection) => connection.createOffer()],
  ['createAnswer', (connection: BorrowedPeerConnection) => connection.createAnswer()],
  ['setLocalDescription', (connection: BorrowedPeerConnection) => connection.setLocalDescription({})],
  ['setRemoteDescription', (connection: BorrowedPeerConnection) => connection.setRemoteDescription({})],
  ['addIceCandidate', (connection: BorrowedPeerConnection) => connection.addIceCandidate({})]
])('%s rejects after the end', async (_, call) => {
  const { connection } = setUp()
  connection.close()
  await expect(call(connection)).rejects.toThrow('closed')
})

test('no channel can be made after the end', () => {
  const { connection } = setUp()
  connection.close()
  expect(() => connection.createDataChannel('label')).toThrow('closed')
})

// The channels stayed `connecting`.
test.each([
  ['the page', ({ report }: ReturnType<typeof setUp>) => report({ type: 'state', state: 'closed' })],
  ['the worker', ({ connection }: ReturnType<typeof setUp>) => connection.close()]
])('calls and channels that wait for the page end when %s closes it', async (_, close) => {
  const all = setUp()
  const { connection } = all
  const offer = connection.createOffer().catch((error: Error) => error.message)
  const channel = connection.createDataChannel('label')
  let closings = 0
  channel.onclose = () => closings++
  close(all)
  await until(() => connection.connectionState === 'closed')
  expect([channel.readyState, closings, await offer]).toEqual(['closed', 1, 'the peer connection is closed'])
})

test('a channel that was closed before does not say so again', () => {
  const { connection } = setUp()
  const channel = connection.createDataChannel('label')
  let closings = 0
  channel.onclose = () => closings++
  channel.close()
  connection.close()
  expect([channel.readyState, closings]).toEqual(['closed', 0])
})

test('closing it takes back what was asked of pages', () => {
  const { cancelled, connection } = setUp()
  expect(cancelled()).toBe(0)
  connection.close()
  expect(cancelled()).toBeGreaterThan(0)
})

test('it says what the page says about its state', async () => {
  const { connection, report } = setUp()
  const states: string[] = []
  connection.onconnectionstatechange = () => states.push(connection.connectionState)
  for (const state of ['connecting', 'connected', 'closed', 'closed']) report({ type: 'state', state })
  await until(() => connection.connectionState === 'closed')
  expect(states).toEqual(['connecting', 'connected', 'closed'])
})
