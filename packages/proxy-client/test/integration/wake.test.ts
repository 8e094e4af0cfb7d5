/** The network comes back, a page is looked at again, a machine wakes up: a client does not wait for its next try. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { ProxyClient, type ProxyClientOptions } from '../../src/index.js'
import { historyOf } from '../support/history.js'
import { createRig } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'

let network = ''
vi.mock('#network', () => ({ networkFingerprint: () => network }))
const HOME = 'lo 127.0.0.1,eth0 10.0.0.2'
const AWAY = 'lo 127.0.0.1,eth0 172.16.0.9'
beforeEach(() => {
  network = HOME
})

/** The scope's events, which Node does not have. */
function installScope(): EventTarget {
  const scope = new EventTarget()
  for (const name of ['addEventListener', 'removeEventListener'] as const)
    Object.defineProperty(globalThis, name, { value: scope[name].bind(scope), configurable: true })
  onTestFinished(() => {
    for (const name of ['addEventListener', 'removeEventListener']) Reflect.deleteProperty(globalThis, name)
  })
  return scope
}

async function start(options: Partial<ProxyClientOptions> = {}) {
  const scope = installScope()
  const rig = await createRig({ testnet: null, server: { graceMs: 3_600_000 } })
  const { door } = await rig.createServer({ graceMs: 3_600_000 })
  const [clock, control] = [new FakeClock(), new LinkControl()]
  const settings = { clock, wallClock: clock.wall, random: () => 1, reconnectMinMs: 250, reconnectMaxMs: 30_000 }
  const client = new ProxyClient({ connect: control.through(door.connect), ...settings, ...options })
  onTestFinished(() => client.destroy())
  const history = historyOf(client)
  return { client, clock, control, history, online: () => scope.dispatchEvent(new Event('online')) }
}

/** A client that has failed for so long that it waits for 30 s. */
async function offline(options: Partial<ProxyClientOptions> = {}) {
  const started = await start(options)
  const { client, clock, control } = started
  // A session that holds nothing is not resumed.
  await client.listen()
  await clock.advance(11_000)
  control.isDown = true
  control.cut()
  await until('it has noticed', () => !client.connected)
  await clock.advance(90_000)
  return started
}

test('online: at once', async () => {
  const { client, clock, control, history, online } = await offline()
  await turns()
  const before = control.opened
  control.isDown = false
  await turns()
  expect(control.opened).toBe(before)
  online()
  await until('it is connected', () => client.connected)
  expect([control.opened, history.at(-1), clock.liveTimers > 0]).toEqual([before + 1, 'resumed', true])
})

test('online, again and again: spaced', async () => {
  const { clock, control, online } = await offline()
  const before = control.opened
  for (let i = 0; i < 70; i++) {
    for (let event = 0; event < 20; event++) online()
    await clock.advance(100)
  }
  expect(control.opened - before).toBeGreaterThan(2)
  expect(control.opened - before).toBeLessThanOrEqual(10)
})

test('sleep: at once, although 30 s of the wait are left', async () => {
  const { client, clock, control } = await offline()
  control.isDown = false
  clock.setDate(clock.wall.now() + 3_600_000)
  await clock.advance(3000)
  await until('it is connected', () => client.connected)
})

test('sleep that killed the link: noticed and replaced within seconds', async () => {
  const { client, clock, control, history } = await start()
  await client.listen()
  await clock.advance(20_000)
  control.blackHole()
  clock.setDate(clock.wall.now() + 3_600_000)
  await clock.advance(8000)
  await until('it is connected again', () => client.connected && history.length === 3)
  expect(history).toEqual(['new', 'LINK_TIMEOUT', 'resumed'])
})

test('a link that is alive after sleep stays', async () => {
  const { client, clock, control, history, online } = await start()
  await until('it is connected', () => client.connected)
  for (let i = 0; i < 5; i++) {
    online()
    clock.setDate(clock.wall.now() + 3_600_000)
    await clock.advance(10_000)
    await turns()
  }
  expect([history, control.opened]).toEqual([['new'], 1])
})

test('a server that asks for time is not asked earlier, but the application may', async () => {
  let tries = 0
  const busy = () => {
    tries++
    return Promise.reject(Object.assign(new Error('too many requests'), { retryAfterMs: 60_000 }))
  }
  const { client, clock, online } = await start({ connect: busy })
  const waits: (number | null)[] = []
  client.on('disconnected', ({ retryMs }) => waits.push(retryMs))
  await turns()
  expect(waits, 'beyond reconnectMaxMs, because the server says so').toEqual([75_000])
  for (let i = 0; i < 40; i++) {
    online()
    await clock.advance(1000)
  }
  expect(tries).toBe(1)
  client.reconnect()
  await turns()
  expect(tries).toBe(2)
})

test('a suspended client does not wake up', async () => {
  const { client, clock, control, online } = await offline()
  await client.suspend()
  const before = control.opened
  online()
  clock.setDate(clock.wall.now() + 3_600_000)
  await clock.advance(60_000)
  expect(control.opened).toBe(before)
})

/** A connected client, whose link then carries nothing. */
async function silenced() {
  const started = await start()
  const { client, clock, control } = started
  await client.listen()
  await clock.advance(20_000)
  control.blackHole()
  return started
}

test('another network that killed the link: replaced within a second', async () => {
  const { client, clock, history, online } = await silenced()
  online()
  await clock.advance(1000)
  await until('it is connected again', () => client.connected && history.length === 3)
  expect(history).toEqual(['new', 'LINK_TIMEOUT', 'resumed'])
})

// A page does not learn that its machine has moved. It waited for three pings, some 13 s, also when it had just sent something.
test('a silent link that owes something is replaced within five seconds', async () => {
  const { client, clock, history } = await silenced()
  client.join(freshTopic())
  await clock.advance(5000)
  await until('it is connected again', () => client.connected && history.length === 3)
  expect(history).toEqual(['new', 'LINK_TIMEOUT', 'resumed'])
})

// A client that had moved pinged its old link first, and waited for a quarter of a second and two round trips.
test.each(['10.0.0.2', '::ffff:10.0.0.2', '10.0.0.2%eth0'])(
  'a link from %s, which the machine has lost, is replaced at once',
  async (from) => {
    const { client, clock, control, history } = await silenced()
    control.localAddress = from
    network = AWAY
    await clock.advance(400)
    await until('it is connected again', () => client.connected && history.length === 3)
    expect([history, control.opened]).toEqual([['new', 'LINK_CLOSED', 'resumed'], 2])
  }
)

test('a link from an address that the machine still has is only checked', async () => {
  const { client, clock, control, history } = await start()
  await client.listen()
  control.localAddress = '127.0.0.1'
  network = AWAY
  await clock.advance(30_000)
  await turns()
  expect([history, control.opened]).toEqual([['new'], 1])
})
