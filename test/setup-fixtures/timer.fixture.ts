import { test } from 'vitest'

test('a test that leaves a timer', () => {
  setInterval(() => {}, 1000)
})
