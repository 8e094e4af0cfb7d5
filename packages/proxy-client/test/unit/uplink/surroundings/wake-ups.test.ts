/** What makes a client look at its link, or try at once. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { FakeClock } from '../../../../../runtime/test/support/fake-clock.js'
import { watchWakeUps } from '../../../../src/uplink/surroundings/wake-ups.js'

let network = ''
vi.mock('#network', () => ({ networkFingerprint: () => network }))
beforeEach(() => {
  network = 'eth0 10.0.0.2'
})

function watch() {
  const clock = new FakeClock()
  let wakes = 0
  const lost: (readonly string[])[] = []
  const onMove = (addresses: readonly string[]) => void lost.push(addresses)
  const stop = watchWakeUps({ clock, wallClock: clock.wall, onWake: () => wakes++, onMove })
  onTestFinished(stop)
  return { clock, lost, stop, moves: () => lost.length, wakes: () => wakes }
}

function install(name: string, value: unknown): void {
  const had = Object.getOwnPropertyDescriptor(globalThis, name)
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  onTestFinished(() => {
    if (had === undefined) Reflect.deleteProperty(globalThis, name)
    else Object.defineProperty(globalThis, name, had)
  })
}

function installWindow() {
  const [scope, document] = [new EventTarget(), new EventTarget()]
  install('addEventListener', scope.addEventListener.bind(scope))
  install('removeEventListener', scope.removeEventListener.bind(scope))
  install('document', Object.assign(document, { visibilityState: 'visible' }))
  return { scope, document: document as EventTarget & { visibilityState: string } }
}

test.each([
  ['online', 'moves'],
  ['pageshow', 'wakes']
] as const)('%s of the window', (type, kind) => {
  const { scope } = installWindow()
  const watched = watch()
  scope.dispatchEvent(new Event(type))
  expect(watched[kind]()).toBe(1)
  watched.stop()
  scope.dispatchEvent(new Event(type))
  expect([watched.moves() + watched.wakes()]).toEqual([1])
})

// An estimate of the speed changes every few seconds. Each change counted as a move, and put the link to the test.
test('another kind of network, where the browser tells, and not another estimate of its speed', () => {
  const connection = Object.assign(new EventTarget(), { type: 'ethernet', rtt: 50 })
  install('navigator', { connection })
  const { moves, stop } = watch()
  const change = (changes: object) => {
    Object.assign(connection, changes)
    connection.dispatchEvent(new Event('change'))
    return moves()
  }
  expect(change({ rtt: 100 })).toBe(0)
  expect(change({ type: 'cellular' })).toBe(1)
  expect(change({ rtt: 150 })).toBe(1)
  expect(change({ type: 'ethernet' })).toBe(2)
  stop()
  expect(change({ type: 'cellular' })).toBe(2)
})

test('online of a window that is not the global scope', () => {
  const window = new EventTarget()
  install('window', window)
  const { moves } = watch()
  window.dispatchEvent(new Event('online'))
  expect(moves()).toBe(1)
})

test.each(['visibilitychange', 'resume'])('%s of a page that is visible', (type) => {
  const { document } = installWindow()
  const { stop, wakes } = watch()
  document.visibilityState = 'hidden'
  document.dispatchEvent(new Event(type))
  expect(wakes()).toBe(0)
  document.visibilityState = 'visible'
  document.dispatchEvent(new Event(type))
  expect(wakes()).toBe(1)
  stop()
  document.dispatchEvent(new Event(type))
  expect(wakes()).toBe(1)
})

test('sleep, during which the monotonic clock stood still', async () => {
  const { clock, wakes } = watch()
  await clock.advance(60_000)
  expect(wakes()).toBe(0)
  clock.setDate(clock.wall.now() + 3_600_000)
  await clock.advance(3000)
  expect(wakes()).toBe(1)
  await clock.advance(60_000)
  clock.setDate(clock.wall.now() - 3_600_000)
  await clock.advance(60_000)
  expect(wakes(), 'a clock that is set back is not sleep').toBe(1)
})

// A client with a link did not look, and waited ten seconds for an answer at its old address.
test('another address of the machine, noticed within half a second', async () => {
  const { clock, moves, wakes } = watch()
  await clock.advance(60_000)
  expect(moves()).toBe(0)
  network = 'eth1 10.1.0.7'
  await clock.advance(500)
  expect([moves(), wakes()]).toEqual([1, 0])
})

test('which addresses the machine has lost, whatever the interface is called', async () => {
  const { clock, lost } = watch()
  network = 'lo 127.0.0.1,eth0 10.0.0.2,eth0 fd00::2'
  await clock.advance(500)
  network = 'lo 127.0.0.1,eth1 10.0.0.2,tun0 10.8.0.1'
  await clock.advance(500)
  expect(lost).toEqual([[], ['fd00::2']])
})

test('nothing is left after stop', async () => {
  const { clock, stop } = watch()
  await clock.advance(9000)
  stop()
  expect(clock.liveTimers).toBe(0)
})
