import { once } from 'node:events'
import net from 'node:net'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { type Clock, FRAME, Link, systemClock } from '../../src/index.js'
import { encodePing } from '../../src/wire/link-frames.js'

/** Connects to the port and sends the bytes again and again, on an event loop of its own. */
const CHATTY_PEER = `
  const { workerData: { port, bytes } } = require('node:worker_threads')
  const socket = require('node:net').connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.on('connect', () => setInterval(() => socket.write(bytes), 5))
  socket.resume()
`

/** Runs timers when the test says so, as an event loop does that is always late. */
class LateTimers implements Clock {
  readonly #timers = new Map<object, { atMs: number; run: () => void }>()

  now = systemClock.now

  setTimeout(run: () => void, delayMs: number): object {
    const handle = {}
    this.#timers.set(handle, { atMs: this.now() + delayMs, run })
    return handle
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as object)
  }

  /** Blocks the event loop, and then runs what has fallen due. */
  block(ms: number): void {
    const endMs = this.now() + ms
    while (this.now() < endMs);
    for (const [handle, { atMs, run }] of [...this.#timers]) if (atMs <= endMs && this.#timers.delete(handle)) run()
  }
}

/**
 * The event loop was busy with timers, and the checks of a link ran without a look at its socket in between. So the
 * link was declared dead, although its peer had sent something every few milliseconds.
 */
test('a link to a live peer survives a blocked event loop', async () => {
  const listener = net.createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as net.AddressInfo
  const peer = new Worker(CHATTY_PEER, { eval: true, workerData: { port, bytes: encodePing(FRAME.PING, 1) } })
  const [socket] = (await once(listener, 'connection')) as [net.Socket]
  const clock = new LateTimers()
  const link = new Link(socket, null, { clock, limits: { pingIntervalMs: 100, pingMisses: 3 } })
  onTestFinished(async () => {
    link.destroy()
    await peer.terminate()
    listener.close()
  })
  await until(() => link.bytesIn > 0)
  for (let i = 0; i < 6; i++) clock.block(150)
  const { bytesIn } = link
  await until(() => link.error !== null || link.bytesIn > bytesIn)
  expect(link.error).toBe(null)
})
