/** How a worker learns of pages that lend. */
import { MessageChannel } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { borrowRtc } from '../../../src/worker-rtc/borrow.js'
import type { Question, Request } from '../../../src/worker-rtc/messages.js'

afterEach(() => vi.unstubAllGlobals())

/** A port of a SharedWorker: as in browsers, and not as in Node, messages wait until it is started. */
class PagePort extends EventTarget {
  #isStarted = false
  #waiting: unknown[] = []

  start(): void {
    this.#isStarted = true
    for (const data of this.#waiting.splice(0)) this.receive(data)
  }

  receive(data: unknown): void {
    if (this.#isStarted) this.dispatchEvent(new MessageEvent('message', { data }))
    else this.#waiting.push(data)
  }
}

/** The global scope of a worker. */
function setUp(globals: object = {}) {
  const scope = new EventTarget()
  vi.stubGlobal('addEventListener', scope.addEventListener.bind(scope))
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
  const { rtc } = borrowRtc()
  const heard: unknown[] = []
  const listener = (event: Event) => heard.push((event as MessageEvent).data)
  const receive = (data: unknown) => scope.dispatchEvent(new MessageEvent('message', { data }))
  const connect = (port: PagePort) => scope.dispatchEvent(Object.assign(new Event('connect'), { ports: [port] }))
  return { connect, heard, listener, receive, rtc, scope }
}

/** A page's side of a loan: it answers, and notes the requests. */
function loan() {
  const { port1, port2 } = new MessageChannel()
  const requests: Request[] = []
  port1.on('message', (data: Question | Request) => {
    if (typeof data === 'object') requests.push(data)
    else port1.postMessage('yes')
  })
  return { requests, message: { swarmwayRtc: port2 }, close: () => port1.close() }
}

test('the application of a dedicated worker hears its own messages, and not the loan', async () => {
  const { heard, listener, receive, rtc, scope } = setUp()
  scope.addEventListener('message', listener)
  const { close, message, requests } = loan()
  for (const data of ['a', null, message, { b: 1 }]) receive(data)
  new rtc.RTCPeerConnection({ iceServers: [] } as never)
  await until(() => requests.length === 1)
  expect(requests[0]).toMatchObject({ configuration: { iceServers: [] }, takesChannels: false })
  expect(heard).toEqual(['a', null, { b: 1 }])
  close()
})

// The port was started before the application listened, so that what the page had said first was lost.
test('the first messages of a page wait until the application of a SharedWorker listens', async () => {
  const { connect, heard, listener, rtc } = setUp()
  const port = new PagePort()
  connect(port)
  const { close, message, requests } = loan()
  for (const data of [message, 'first']) port.receive(data)
  await turns()
  port.addEventListener('message', listener)
  port.start()
  new rtc.RTCPeerConnection({} as never)
  await until(() => requests.length === 1)
  expect(heard).toEqual(['first'])
  close()
})

test('a worker that knows data channels takes them', async () => {
  const { receive, rtc } = setUp({ RTCDataChannel: class {} })
  const { close, message, requests } = loan()
  receive(message)
  new rtc.RTCPeerConnection({} as never)
  await until(() => requests.length === 1)
  expect(requests[0]?.takesChannels).toBe(true)
  close()
})

// Anyone who has a reference to a window can send it messages.
test('a page takes no loans', async () => {
  const { heard, listener, receive, rtc, scope } = setUp({ document: {} })
  scope.addEventListener('message', listener)
  const { close, message, requests } = loan()
  receive(message)
  new rtc.RTCPeerConnection({} as never)
  await turns()
  expect([heard, requests]).toEqual([[message], []])
  close()
})
