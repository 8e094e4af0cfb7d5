import { createRequire } from 'node:module'
import { test } from 'vitest'

const { EventEmitter } = createRequire(import.meta.url)('node:events') as {
  EventEmitter: new () => { on(event: string, listener: () => void): void }
}

test('a test that leaks listeners', () => {
  const emitter = new EventEmitter()
  for (let i = 0; i < 11; i++) emitter.on('x', () => {})
})
