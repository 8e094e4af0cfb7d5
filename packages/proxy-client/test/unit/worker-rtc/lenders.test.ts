/** Which page makes the peer connections of a worker. Node's ports are like those of browsers. */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { Lenders } from '../../../src/worker-rtc/lenders.js'
import type { Port, Question, Request } from '../../../src/worker-rtc/messages.js'

const ANSWER_MS = 3000

/** A page that lends. */
class TestPage {
  /** The names of the peer connections that it has made. */
  readonly made: string[] = []
  questions = 0
  /** Whether it runs. A page that has crashed does not, nor one that is frozen. */
  runs = true
  readonly port: MessagePort

  constructor(lenders: Lenders) {
    const { port1, port2 } = new MessageChannel()
    onTestFinished(() => port1.close())
    this.port = port1
    port1.on('message', (data: Question | Request) => {
      if (typeof data === 'object') this.made.push((data.configuration as { name: string }).name)
      else this.#onQuestion()
    })
    lenders.add(port2 as unknown as Port)
  }

  #onQuestion(): void {
    this.questions++
    if (this.runs) this.port.postMessage('yes')
  }
}

function setUp() {
  const clock = new FakeClock()
  const lenders = new Lenders(clock)
  const lend = () => new TestPage(lenders)
  const ask = (configuration: object) => {
    const { port1, port2 } = new MessageChannel()
    onTestFinished(() => port1.close())
    return { port: port1, cancel: lenders.ask({ configuration, port: port2 as unknown as Port, takesChannels: false }) }
  }
  return { ask, clock, lend }
}

test('the page that came last makes the peer connection, then the one before it', async () => {
  const { ask, clock, lend } = setUp()
  const [first, last] = [lend(), lend()]
  ask({ name: 'a' })
  await until(() => last.made.length === 1)
  expect(clock.liveTimers).toBe(0)
  last.port.postMessage(null)
  await turns()
  ask({ name: 'b' })
  await until(() => first.made.length === 1)
  expect([first.made, last.made]).toEqual([['b'], ['a']])
})

test('a page whose port is closed no longer lends', async () => {
  const { ask, lend } = setUp()
  const [first, last] = [lend(), lend()]
  last.runs = false
  ask({ name: 'a' })
  await until(() => last.questions === 1)
  last.port.close()
  await until(() => first.made.length === 1)
})

// Each attempt left its request. The page that lent at last made all the peer connections at once, up to 128.
test('what is asked for while no page lends waits, unless it is cancelled', async () => {
  const { ask, lend } = setUp()
  for (let i = 0; i < 10; i++) ask({ name: `cancelled ${i}` }).cancel()
  for (let i = 0; i < 200; i++) ask({ name: `${i}` })
  const page = lend()
  await until(() => page.made.length >= 200)
  expect(page.made).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`))
})

// A page that crashes says nothing: it stayed the last one, and all requests went to it.
test('a page that does not answer is passed over, until it does', async () => {
  const { ask, clock, lend } = setUp()
  const [first, silent] = [lend(), lend()]
  silent.runs = false
  ask({ name: 'a' })
  await until(() => silent.questions === 1)
  await clock.advance(ANSWER_MS - 1)
  await turns()
  expect(first.questions).toBe(0)
  await clock.advance(1)
  await until(() => first.made.length === 1)
  ask({ name: 'b' })
  await until(() => first.made.length === 2)
  silent.runs = true
  silent.port.postMessage('yes')
  await turns()
  first.port.postMessage(null)
  await turns()
  ask({ name: 'c' })
  await until(() => silent.made.length === 1)
  expect([first.made, silent.made, clock.liveTimers]).toEqual([['a', 'b'], ['c'], 0])
})

test('what the only page does not answer waits for its answer', async () => {
  const { ask, clock, lend } = setUp()
  const page = lend()
  page.runs = false
  ask({ name: 'a' })
  await until(() => page.questions === 1)
  await clock.advance(ANSWER_MS)
  page.port.postMessage('yes')
  await until(() => page.made.length === 1)
})

test('a configuration that cannot be copied costs its own peer connection only', async () => {
  const { ask, lend } = setUp()
  const reports: unknown[] = []
  ask({ name: () => {} }).port.on('message', (report) => reports.push(report))
  ask({ name: 'good' })
  const page = lend()
  await until(() => page.made.length === 1 && reports.length === 1)
  expect([page.made, reports]).toEqual([['good'], [{ type: 'state', state: 'closed' }]])
})
