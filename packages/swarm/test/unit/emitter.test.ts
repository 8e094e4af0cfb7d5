import { EventEmitter } from 'events'
import { expect, test } from 'vitest'
import { TypedEmitter } from '../../src/emitter.js'

class Bell extends TypedEmitter<{ ring: [times: number, tone: string] }> {}

test('a typed emitter is an EventEmitter, with arguments and once and off', () => {
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
