import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { Link, ProxyError, Session } from '../../../src/index.js'
import { Rig, wire } from '../../support/helpers.js'

const empty = new Uint8Array(0)
const echo = { onRequest: (_op: number, body: Uint8Array) => body }

async function failure(promise: Promise<unknown>): Promise<ProxyError> {
  return promise.then(
    () => {
      throw new Error('expected a rejection')
    },
    (error: ProxyError) => error
  )
}

test('requests, responses and notifications', async () => {
  const notes: [number, string][] = []
  const rig = new Rig(
    { onNotify: (op, body) => notes.push([op, Buffer.from(body).toString()]) },
    { onRequest: async (op, body) => Uint8Array.of(op, ...body) }
  ).connect()
  expect([...(await rig.a.request(7, Uint8Array.of(1, 2)))]).toEqual([7, 1, 2])
  rig.b.notify(9, Buffer.from('hello'))
  await until(() => notes.length === 1)
  expect(notes).toEqual([[9, 'hello']])
  expect(rig.b.stats).toMatchObject({ requestsAnswered: 1, links: 1, requestsRefused: 0 })
  rig.destroy()
})

test('errors of a handler: a ProxyError travels, anything else is INTERNAL and stays private', async () => {
  const rig = new Rig(
    {},
    {
      onRequest: (op) => {
        throw op === 1 ? new ProxyError('MY_CODE', 'told') : new Error('secret')
      }
    }
  ).connect()
  expect(await failure(rig.a.request(1, empty))).toMatchObject({ code: 'MY_CODE', message: 'told', remote: true })
  const error = await failure(rig.a.request(2, empty))
  expect(error.code).toBe('INTERNAL')
  expect(error.message).not.toContain('secret')
  expect((await failure(rig.b.request(2, empty))).code).toBe('NOT_FOUND')
  rig.destroy()
})

test('requests and messages begun while detached are sent on attach', async () => {
  const opened: string[] = []
  const rig = new Rig({}, { ...echo, onStream: (stream) => opened.push(Buffer.from(stream.meta).toString()) })
  const answer = rig.a.request(1, Uint8Array.of(5))
  const stream = rig.a.openStream(Buffer.from('meta'))
  stream.write('early')
  await turns()
  expect(rig.a.attached).toBe(false)
  rig.connect()
  expect([...(await answer)]).toEqual([5])
  await until(() => opened.length === 1)
  expect(opened).toEqual(['meta'])
  await until(() => rig.b.stats.unreadBytes === 5)
  rig.destroy()
})

test('deadlines: the default, a custom one, none; a late response is ignored', async () => {
  const clock = new FakeClock()
  const late: (() => void)[] = []
  const handler = () => new Promise<Uint8Array>((resolve) => late.push(() => resolve(empty)))
  const rig = new Rig({ clock, limits: { requestTimeoutMs: 5000 } }, { onRequest: handler }).connect()
  const [byDefault, own, none] = [
    rig.a.request(1, empty),
    rig.a.request(1, empty, { timeoutMs: 100 }),
    rig.a.request(1, empty, { timeoutMs: 0 })
  ]
  const failed = failure(own)
  const failedToo = failure(byDefault)
  await clock.advance(100)
  expect((await failed).code).toBe('REQUEST_TIMEOUT')
  await clock.advance(4900)
  expect((await failedToo).code).toBe('REQUEST_TIMEOUT')
  await until(() => late.length === 3)
  for (const respond of late) respond()
  expect(await none).toHaveLength(0)
  expect(rig.a.error).toBe(null)
  rig.destroy()
  expect(clock.liveTimers).toBe(0)
})

test('signals: aborted before, aborted while waiting, listener removed after', async () => {
  const rig = new Rig({}, { onRequest: (op) => (op === 1 ? new Promise<never>(() => {}) : empty) }).connect()
  expect((await failure(rig.a.request(1, empty, { signal: AbortSignal.abort() }))).code).toBe('ABORTED')
  const controller = new AbortController()
  const waiting = failure(rig.a.request(1, empty, { signal: controller.signal }))
  controller.abort(new Error('why'))
  expect(await waiting).toMatchObject({ code: 'ABORTED', cause: new Error('why') })
  const counted = new AbortController()
  let listeners = 0
  const signal = {
    aborted: false,
    addEventListener: () => listeners++,
    removeEventListener: () => listeners--
  }
  await rig.a.request(2, empty, { signal })
  expect(listeners).toBe(0)
  counted.abort()
  rig.destroy()
})

test('destroy: streams end, requests reject, the peer learns the code', async () => {
  const reasons: (ProxyError | string)[] = []
  const rig = new Rig(
    { onClose: (error) => reasons.push(error) },
    { onClose: (error) => reasons.push(error), onDetach: () => reasons.push('detached') }
  ).connect()
  const stream = rig.a.openStream(empty)
  const errors: Error[] = []
  stream.on('error', (error) => errors.push(error))
  const asked = failure(rig.a.request(1, empty))
  rig.a.destroy(new ProxyError('SERVER_CLOSING', 'over'))
  rig.a.destroy()
  expect(await asked).toMatchObject({ code: 'SERVER_CLOSING', remote: false })
  await until(() => rig.b.destroyed && errors.length === 1)
  expect(reasons).toEqual([rig.a.error, rig.b.error])
  expect(rig.b.error).toMatchObject({ code: 'SERVER_CLOSING', message: 'over', remote: true })
  expect(errors[0]).toMatchObject({ code: 'SERVER_CLOSING' })
  expect((await failure(rig.a.request(1, empty))).code).toBe('SERVER_CLOSING')
  expect(() => rig.a.openStream(empty)).toThrow(ProxyError)
  expect(() => rig.a.notify(1, empty)).toThrow(ProxyError)
})

test('a lost link only detaches; attaching a dead link detaches again', async () => {
  const detached: string[] = []
  const rig = new Rig({ onDetach: (error) => detached.push(error.code) }).connect()
  rig.cut()
  await until(() => detached.length === 1)
  expect(detached).toEqual(['LINK_CLOSED'])
  expect([rig.a.attached, rig.a.destroyed]).toEqual([false, false])
  const dead = new Link(wire()[0])
  dead.destroy()
  rig.a.attach(dead, 0)
  expect(detached).toEqual(['LINK_CLOSED', 'DESTROYED'])
  rig.destroy()
  const late = new Link(wire()[0])
  rig.a.attach(late, 0)
  expect(late.error?.code).toBe('DESTROYED')
  late.destroy()
})

test('a count that was never sent ends the session', async () => {
  const rig = new Rig()
  rig.a.attach(new Link(wire()[0]), 1)
  expect(rig.a.error?.code).toBe('PROTOCOL_ERROR')
  rig.destroy()
})

test('op codes and bodies are verified before they are sent', async () => {
  const rig = new Rig({ limits: { maxBodyBytes: 10 } })
  for (const op of [-1, 65536, 0.5]) await expect(rig.a.request(op, empty)).rejects.toThrow(TypeError)
  expect((await failure(rig.a.request(1, new Uint8Array(11)))).code).toBe('LIMIT')
  expect(() => rig.a.notify(1, new Uint8Array(11))).toThrow(expect.objectContaining({ code: 'LIMIT' }))
  rig.destroy()
})

test('acknowledgements: nothing is kept once the link is quiet', async () => {
  const rig = new Rig({}, echo).connect()
  await Promise.all(Array.from({ length: 100 }, (_, i) => rig.a.request(1, Uint8Array.of(i))))
  await until(() => rig.a.stats.controlBytes === 0 && rig.b.stats.responseBytes === 0)
  expect(rig.b.stats.requestsActive).toBe(0)
  rig.destroy()
})

test('ackBytes and ackDelayMs: by bytes at once, by time otherwise', async () => {
  const clock = new FakeClock()
  const rig = new Rig({}, { clock, limits: { ackBytes: 1000, ackDelayMs: 300 } }).connect()
  await clock.advance(300)
  rig.a.notify(1, new Uint8Array(2000))
  await until(() => rig.a.stats.controlBytes === 0)
  rig.a.notify(1, new Uint8Array(10))
  await until(() => rig.b.received === 2)
  await turns()
  expect(rig.a.stats.controlBytes).toBeGreaterThan(0)
  await clock.advance(300)
  await until(() => rig.a.stats.controlBytes === 0)
  rig.destroy()
})

test('new control frames are refused while the peer acknowledges none', async () => {
  const rig = new Rig({ limits: { maxControlBytes: 16 * 1024 } })
  const waiting = Array.from({ length: 3 }, () => failure(rig.a.request(1, new Uint8Array(5000))))
  expect((await failure(rig.a.request(1, new Uint8Array(5000)))).code).toBe('BUFFER_LIMIT')
  for (let i = 0; i < 3; i++) rig.a.notify(1, new Uint8Array(5000))
  expect(() => rig.a.notify(1, new Uint8Array(5000))).toThrow(expect.objectContaining({ code: 'BUFFER_LIMIT' }))
  expect(() => rig.a.openStream(new Uint8Array(4000))).toThrow(expect.objectContaining({ code: 'BUFFER_LIMIT' }))
  rig.destroy()
  expect((await Promise.all(waiting)).map((error) => error.code)).toEqual(Array(3).fill('DESTROYED'))
})

test('limits on requests: in flight, per second, size of body and response', async () => {
  const clock = new FakeClock()
  const release: (() => void)[] = []
  const onRequest = (op: number, body: Uint8Array): Uint8Array | Promise<Uint8Array> => {
    if (op === 2) return new Uint8Array(2000)
    return op === 3 ? new Promise((resolve) => release.push(() => resolve(body))) : body
  }
  const rig = new Rig({}, { onRequest, clock, limits: { maxRequests: 3, requestsPerSecond: 10, maxBodyBytes: 1000 } })
  rig.connect()
  expect((await failure(rig.a.request(1, new Uint8Array(1001)))).code).toBe('LIMIT')
  expect((await failure(rig.a.request(2, empty))).code).toBe('LIMIT')
  // A request counts as in flight until its response is acknowledged.
  await until(() => rig.b.stats.requestsActive === 0)
  await clock.advance(1000)
  const held = Array.from({ length: 3 }, () => rig.a.request(3, empty))
  expect((await failure(rig.a.request(3, empty))).code).toBe('LIMIT')
  await until(() => release.length === 3)
  for (const go of release) go()
  await Promise.all(held)
  await until(() => rig.b.stats.requestsActive === 0)
  await clock.advance(1000)
  const flood = await Promise.allSettled(Array.from({ length: 30 }, () => rig.a.request(1, empty)))
  const codes = flood.map((result) => (result.status === 'rejected' ? (result.reason as ProxyError).code : 'ok'))
  expect(codes.filter((code) => code === 'RATE_LIMIT')).toHaveLength(20)
  expect(rig.a.destroyed).toBe(false)
  rig.destroy()
})

test('a side that knows the limits of the peer respects them: 3000 requests at once, none refused', async () => {
  const limits = { maxRequests: 8, requestsPerSecond: 5000 }
  let most = 0
  let active = 0
  const onRequest = async (_op: number, body: Uint8Array): Promise<Uint8Array> => {
    most = Math.max(most, ++active)
    await turns(1)
    active--
    return body
  }
  const rig = new Rig({}, { onRequest, limits })
  const answers = Promise.all(Array.from({ length: 3000 }, (_, i) => rig.a.request(1, Uint8Array.of(i & 255))))
  rig.connect({}, true)
  expect((await answers).every((body, i) => body[0] === (i & 255))).toBe(true)
  expect(rig.b.stats.requestsRefused).toBe(0)
  expect(most).toBe(8)
  rig.destroy()
})

test('a side that knows the rate of the peer paces itself', async () => {
  const clock = new FakeClock()
  const rig = new Rig({ clock }, { ...echo, clock, limits: { requestsPerSecond: 10 } }).connect({}, true)
  let answered = 0
  for (let i = 0; i < 40; i++) void rig.a.request(1, empty, { timeoutMs: 0 }).then(() => answered++)
  await turns()
  expect(answered).toBe(8)
  await clock.advance(4000)
  expect(answered).toBe(40)
  expect(rig.b.stats.requestsRefused).toBe(0)
  rig.destroy()
  expect(clock.liveTimers).toBeLessThanOrEqual(0)
})

test('exceeding the limit on notifications per second closes the session', async () => {
  const rig = new Rig({}, { limits: { notifiesPerSecond: 5 } }).connect()
  for (let i = 0; i < 30; i++) rig.a.notify(1, empty)
  await until(() => rig.a.destroyed)
  expect(rig.b.error?.code).toBe('RATE_LIMIT')
  expect(rig.a.error).toMatchObject({ code: 'RATE_LIMIT', remote: true })
})

test('an exception in a notification handler ends the session, not the process', async () => {
  const onNotify = () => {
    throw new Error('bug')
  }
  const rig = new Rig({}, { onNotify }).connect()
  rig.a.notify(1, empty)
  await until(() => rig.a.destroyed)
  expect(rig.b.error).toMatchObject({ code: 'INTERNAL', cause: new Error('bug') })
})

test('announced limits', () => {
  const session = new Session({ isInitiator: true, limits: { maxStreams: 3 } })
  expect(session.announcedLimits).toEqual({
    maxStreams: 3,
    maxRequests: 256,
    requestsPerSecond: 1000,
    maxBodyBytes: 65536
  })
})
