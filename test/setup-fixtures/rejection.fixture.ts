import { test } from 'vitest'

test('a test that leaves a rejection unhandled', async () => {
  void Promise.reject(new Error('nobody handles this'))
  await new Promise((resolve) => setImmediate(resolve))
})
