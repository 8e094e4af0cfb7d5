import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../../runtime/test/support/until.js'
import { combineErrors, combineSnapshots, RecentErrors, serverSource } from '../../../../src/status/index.js'
import { rendezvousServer } from '../../../support/servers.js'
import { figures } from '../../../support/status/figures.js'
import { codeOf, TestClient } from '../../../support/test-client.js'

test('alike errors are counted together, with their first and last time', async () => {
  const clock = new FakeClock()
  clock.setDate(1000)
  const errors = new RecentErrors(clock.wall)
  errors.add('A', 'one')
  await clock.advance(10)
  errors.add('B', 'two')
  await clock.advance(10)
  errors.add('A', 'one')
  expect(errors.list()).toEqual([
    { code: 'A', text: 'one', count: 2, firstAt: 1000, lastAt: 1020 },
    { code: 'B', text: 'two', count: 1, firstAt: 1010, lastAt: 1010 }
  ])
})

test('many kinds of errors take a bounded place, the oldest go, and texts are cut and cleaned', async () => {
  const clock = new FakeClock()
  const errors = new RecentErrors(clock.wall)
  for (let i = 0; i < 1000; i++) errors.add('E', `${i} ${'x'.repeat(1000)}\u001b[2J`)
  const list = errors.list()
  expect(list).toHaveLength(20)
  expect(list[0]?.text).toMatch(/^999 x{196}$/)
})

test('the errors of several processes are added up', () => {
  const error = (count: number, firstAt: number, lastAt: number) => ({ code: 'E', text: 't', count, firstAt, lastAt })
  const other = { ...error(1, 9, 9), code: 'F' }
  expect(combineErrors([[error(1, 5, 6)], [error(2, 1, 8), other]])).toEqual([other, error(3, 1, 8)])
  const both = combineSnapshots([figures({ errors: [error(1, 5, 6)] }), figures({ errors: [other], restarts: 2 })])
  expect(both).toMatchObject({ errors: [other, error(1, 5, 6)], restarts: 2 })
})

test('refused clients and broken sessions are noted; clients that leave are not', async () => {
  const server = rendezvousServer({ authenticate: async ({ auth }) => auth[0] !== 1 })
  const source = serverSource(server)
  expect(await codeOf(TestClient.connect(server, { auth: Uint8Array.of(1) }))).toBe('AUTH_DENIED')
  expect(await codeOf(TestClient.connect(server, { auth: Uint8Array.of(1) }))).toBe('AUTH_DENIED')
  const client = await TestClient.connect(server)
  client.session.destroy()
  await until(() => server.clients.size === 0)
  expect(source.snapshot().errors).toMatchObject([{ code: 'AUTH_DENIED', count: 2 }])
  source.destroy()
  await codeOf(TestClient.connect(server, { auth: Uint8Array.of(1) }))
  expect(source.snapshot().errors).toMatchObject([{ count: 2 }])
  onTestFinished(() => {})
})
