import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { firstToGreet } from '../../../src/nats/greeting.js'

// In Node 20 the garbage collector took the timeout along, and a server waited for such a broker for ever.
test('a broker that takes connections and says nothing is given up, whatever is collected meanwhile', async () => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => void sockets.add(socket.on('error', () => {}).resume()))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => void silent.close())
  const { port } = silent.address() as AddressInfo
  const tried = firstToGreet([`127.0.0.1:${port}`], 500, new AbortController().signal)
  const refused = expect(tried).rejects.toThrow('no NATS server answers')
  await once(silent, 'connection')
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
  await refused
  await Promise.all([...sockets].map((socket) => socket.destroyed || once(socket, 'close')))
})
