import { ProxyError, Session, type Welcome } from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { CurrentSession, type ResumableSession } from '../../../../src/uplink/session/current-session.js'

const bytes = (fill: number) => new Uint8Array(16).fill(fill)

function setUp() {
  const clock = new FakeClock()
  const lost: string[] = []
  const current = new CurrentSession({ clock, serverName: '' }, ({ code }) => lost.push(code))
  const create = (fill: number, welcome: Partial<Welcome> = {}): ResumableSession => {
    const session = new Session({ isInitiator: true, clock, limits: {} })
    const limits = session.announcedLimits
    const ids = { sessionId: bytes(fill), resumeToken: bytes(fill), serverNonce: bytes(fill) }
    const answer = { resumed: false, received: 0, graceMs: 1000, limits, ...ids, ...welcome }
    return { session, welcome: answer, clientNonce: bytes(fill), connect: () => Promise.reject() }
  }
  return { clock, current, lost, create }
}

test('a resumed session stays, with the nonce that it began with and the latest answer', () => {
  const { current, lost, create } = setUp()
  const [first, second] = [create(1), create(2, { resumed: true })]
  expect(current.welcome(null, first)).toBe(false)
  expect(current.welcome(current.resumable, second)).toBe(true)
  expect(current.session).toBe(first.session)
  expect(current.challenge).toEqual({ clientNonce: bytes(1), serverNonce: bytes(2), serverName: '' })
  expect(lost).toEqual([])
})

test('a server that no longer knows the session ends it, and the new one takes its place', () => {
  const { current, lost, create } = setUp()
  const [first, second] = [create(1), create(2)]
  current.welcome(null, first)
  expect(current.welcome(first, second)).toBe(false)
  expect([current.session, first.session.destroyed]).toEqual([second.session, true])
  expect(lost).toEqual(['SESSION_EXPIRED'])
})

test('without a link the session ends after the grace period, unless it is resumed before', async () => {
  const { clock, current, lost, create } = setUp()
  current.welcome(null, create(1))
  current.startExpiry()
  await clock.advance(999)
  current.welcome(current.resumable, create(2, { resumed: true }))
  await clock.advance(1000)
  expect(lost).toEqual([])
  current.startExpiry()
  await clock.advance(1000)
  expect(lost).toEqual(['SESSION_EXPIRED'])
  expect(current.session).toBe(null)
})

test('a session ends once', () => {
  const { current, lost, create } = setUp()
  current.welcome(null, create(1))
  current.end(new ProxyError('DESTROYED', 'the client was destroyed'))
  current.end(new ProxyError('SESSION_EXPIRED', 'too late'))
  expect(lost).toEqual(['DESTROYED'])
})

test('it says how long the server still keeps the session', async () => {
  const { clock, current, create } = setUp()
  expect(current.graceLeftMs, 'without a session').toBe(0)
  current.welcome(null, create(1))
  expect(current.graceLeftMs, 'with a link').toBe(0)
  current.startExpiry()
  await clock.advance(400)
  expect(current.graceLeftMs).toBe(600)
  current.welcome(current.resumable, create(2, { resumed: true }))
  expect(current.graceLeftMs, 'with the next link').toBe(0)
  current.startExpiry()
  await clock.advance(1000)
  expect(current.graceLeftMs, 'when it is over').toBe(0)
})

// A server that announced a month and then answered 503 for ever would have kept its clients from all others.
test('of a long grace period it counts an hour', () => {
  const { current, create } = setUp()
  current.welcome(null, create(1, { graceMs: 0xffffffff }))
  current.startExpiry()
  expect(current.graceLeftMs).toBe(3_600_000)
})
