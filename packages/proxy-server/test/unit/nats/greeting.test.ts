import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from '@swarmway/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import { firstToGreet } from '../../../src/nats/greeting.js'

async function silentBroker() {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => void sockets.add(socket.on('error', () => {}).resume()))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => void silent.close())
  return { silent, sockets, port: (silent.address() as AddressInfo).port }
}

test('a broker that takes connections and says nothing is given up when its time is over', async () => {
  const [clock, { port, sockets }] = [new FakeClock(), await silentBroker()]
  const tried = firstToGreet([`127.0.0.1:${port}`], { clock, withinMs: 4000, signal: new AbortController().signal })
  const refused = expect(tried).rejects.toThrow('no NATS server answers')
  await until('it has the connection', () => sockets.size === 1)
  expect(clock.liveTimers).toBe(1)
  await clock.advance(4000)
  await refused
  expect(clock.liveTimers).toBe(0)
})

// In Node 20 the garbage collector took the timeout along, and a server waited for such a broker for ever.
test('a broker that takes connections and says nothing is given up, whatever is collected meanwhile', async () => {
  const { port, silent, sockets } = await silentBroker()
  const signal = new AbortController().signal
  const tried = firstToGreet([`127.0.0.1:${port}`], { clock: systemClock, withinMs: 500, signal })
  const refused = expect(tried).rejects.toThrow('no NATS server answers')
  await once(silent, 'connection')
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
  await refused
  await Promise.all([...sockets].map((socket) => socket.destroyed || once(socket, 'close')))
})
