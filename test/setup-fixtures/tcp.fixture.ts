import { createServer } from 'node:net'
import { test } from 'vitest'

test('a test that leaves a TCP server', async () => {
  await new Promise<void>((resolve) => createServer().listen(0, '127.0.0.1', resolve))
})
