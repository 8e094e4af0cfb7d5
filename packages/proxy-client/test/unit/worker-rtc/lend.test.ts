/** What a page does for a worker, and what the worker learns of it. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { FakeRtcNet } from '../../../../swarm/test/support/fake-rtc.js'
import { BorrowedPeerConnection } from '../../../src/worker-rtc/borrowed-peer-connection.js'
import { type LendTarget, lendRtc } from '../../../src/worker-rtc/lend.js'
import { Lenders } from '../../../src/worker-rtc/lenders.js'
import type { Loan } from '../../../src/worker-rtc/messages.js'

test.each([undefined, null, 1, {}, { port: null }, { port: {} }])('lendRtc refuses %o', (worker) => {
  expect(() => lendRtc(worker as unknown as LendTarget)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
})

/** A page that lends, and its worker. */
function setUp() {
  const net = new FakeRtcNet()
  const page = new EventTarget()
  vi.stubGlobal('RTCPeerConnection', net.rtc.RTCPeerConnection)
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  const lenders = new Lenders()
  const stopLending = lendRtc({ postMessage: (loan) => lenders.add((loan as Loan).swarmwayRtc) })
  onTestFinished(() => {
    stopLending()
    vi.unstubAllGlobals()
  })
  const connect = () => {
    const made = new BorrowedPeerConnection((port) => lenders.ask({ configuration: {}, port, takesChannels: false }))
    onTestFinished(() => made.close())
    return made
  }
  const fire = (type: string, persisted: boolean) => page.dispatchEvent(Object.assign(new Event(type), { persisted }))
  return { connect, fire, net, stopLending }
}

// Browsers limit the peer connections of a page. The worker was not told, and waited for the attempt's timeout.
test('a peer connection that the page cannot make is closed, and the next one is made', async () => {
  const { connect, net } = setUp()
  vi.stubGlobal(
    'RTCPeerConnection',
    class {
      constructor() {
        throw new Error('there are too many')
      }
    }
  )
  const refused = connect()
  const channel = refused.createDataChannel('label')
  await until(() => refused.connectionState === 'closed')
  expect(channel.readyState).toBe('closed')
  vi.stubGlobal('RTCPeerConnection', net.rtc.RTCPeerConnection)
  expect(await connect().createOffer()).toEqual({ type: 'offer', sdp: 'v=0' })
})

test('the worker gets results, failures, candidates and channels', async () => {
  const { connect, net } = setUp()
  const made = connect()
  const candidates: unknown[] = []
  made.onicecandidate = ({ candidate }: { candidate: unknown }) => candidates.push(candidate)
  const channel = made.createDataChannel('label')
  const offer = await made.createOffer()
  await made.setLocalDescription(offer)
  await expect(made.setRemoteDescription({ type: 'answer', sdp: 'nonsense' })).rejects.toThrow('not a description')
  await until(() => candidates.length === 2)
  expect([candidates[1], made.sctp]).toEqual([null, { maxMessageSize: 262_144 }])
  net.made[0]?.channels[1]?.open()
  await until(() => channel.readyState === 'open')
})

test('a peer connection that fails is closed in the page, too', async () => {
  const { connect, net } = setUp()
  const made = connect()
  await made.createOffer()
  net.made[0]?.fail()
  await until(() => made.connectionState === 'closed')
  expect(net.made[0]?.isClosed).toBe(true)
})

test('a channel that the page cannot make costs its peer connection', async () => {
  const { connect, net } = setUp()
  net.canOpenChannels = false
  const made = connect()
  made.createDataChannel('label')
  await until(() => made.connectionState === 'closed')
  expect(net.made[0]?.isClosed).toBe(true)
})

test('the end of the loan closes what was lent; what the worker asks for after that waits', async () => {
  const { connect, net, stopLending } = setUp()
  const made = connect()
  await made.createOffer()
  stopLending()
  await until(() => made.connectionState === 'closed')
  connect()
  await turns()
  expect(net.made.map(({ isClosed }) => isClosed)).toEqual([true])
})

test('a page that the browser keeps lends again when it is shown', async () => {
  const { connect, fire, net } = setUp()
  const made = connect()
  await made.createOffer()
  fire('pagehide', true)
  await until(() => made.connectionState === 'closed')
  fire('pageshow', false)
  const next = connect()
  await turns()
  expect(net.made.length).toBe(1)
  fire('pageshow', true)
  await next.createOffer()
  expect(net.made.length).toBe(2)
})
