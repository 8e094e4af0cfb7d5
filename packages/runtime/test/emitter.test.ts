import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { isolateListeners, TypedEmitter } from '../src/index.js'
import { uncaught } from './support/uncaught.js'

class Bell extends TypedEmitter<{ ring: [times: number, tone: string]; error: [error: Error] }> {}

test('a typed emitter is an EventEmitter, with arguments, `once` and `off`', () => {
  const bell = new Bell()
  expect(bell).toBeInstanceOf(EventEmitter)
  const heard: unknown[] = []
  const listen = (times: number, tone: string) => heard.push([times, tone])
  bell.on('ring', listen)
  bell.once('ring', () => heard.push('once'))
  bell.emit('ring', 2, 'low')
  bell.off('ring', listen)
  expect(bell.emit('ring', 3, 'high')).toBe(false)
  expect(heard).toEqual([[2, 'low'], 'once'])
})

/** An error thrown by a listener interrupted the emitting code: a dial queue at work, a session being opened. */
test('an error in a listener is uncaught and reaches neither the emitting code nor other listeners', async () => {
  const bell = new Bell()
  const heard: string[] = []
  bell.once('ring', () => {
    throw new Error('of a listener')
  })
  bell.on('ring', (_times, tone) => heard.push(tone))
  const errors = await uncaught(() => {
    expect([bell.emit('ring', 1, 'low'), bell.emit('ring', 1, 'high')]).toEqual([true, true])
  })
  expect(heard).toEqual(['low', 'high'])
  expect(errors.map(String)).toEqual(['Error: of a listener'])
})

test('an emitter from another library can be isolated in the same way', async () => {
  const foreign = new EventEmitter()
  isolateListeners(foreign)
  const heard: unknown[] = []
  foreign.prependListener('close', () => {
    throw new Error('of a listener')
  })
  foreign.on('close', function (this: unknown, code: number) {
    heard.push(this === foreign, code)
  })
  const errors = await uncaught(() => foreign.emit('close', 7))
  expect(heard).toEqual([true, 7])
  expect(errors.map(String)).toEqual(['Error: of a listener'])
})

test('an error event without listeners throws at the emit call', () => {
  expect(() => new Bell().emit('error', new Error('unheard'))).toThrow('unheard')
})

// A peer that reset its connection ended every application that had forgotten to listen for errors.
test('an error of an isolated emitter that nobody listens for is not thrown', () => {
  const foreign = new EventEmitter()
  isolateListeners(foreign)
  expect(foreign.emit('error', new Error('unheard'))).toBe(false)
})
