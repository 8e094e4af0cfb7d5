import { EventEmitter } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { keepLooking } from '../../../src/shared/network/keep-looking.js'

afterEach(() => {
  vi.useRealTimers()
})

function looking() {
  vi.useFakeTimers()
  const connections = new Set<EventEmitter>()
  const swarm = Object.assign(new EventEmitter(), { connections, destroyed: false })
  const refresh = vi.fn(async () => false)
  keepLooking(swarm as never, { refresh })
  const connect = () => {
    const connection = new EventEmitter()
    connections.add(connection)
    swarm.emit('connection', connection)
    return () => {
      connections.delete(connection)
      connection.emit('close')
    }
  }
  return { swarm, refresh, connect }
}

// A swarm looks for 25 s, and then after ten minutes. A receiver that came while the sender's machine slept, or whose sender
// slept in the middle, waited for so long, although the sender was back.
test('somebody who is not there is looked for each minute', () => {
  const { refresh } = looking()
  vi.advanceTimersByTime(180_000)
  expect(refresh).toHaveBeenCalledTimes(3)
})

test('while somebody is connected, nobody is looked for; once it has left, at once', () => {
  const { connect, refresh } = looking()
  const close = connect()
  vi.advanceTimersByTime(180_000)
  expect(refresh).not.toHaveBeenCalled()
  close()
  expect(refresh).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(60_000)
  expect(refresh).toHaveBeenCalledTimes(2)
})

test('nothing is looked for once the swarm is gone', () => {
  const { refresh, swarm } = looking()
  swarm.destroyed = true
  vi.advanceTimersByTime(120_000)
  expect(refresh).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})
