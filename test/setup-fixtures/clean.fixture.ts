import { createServer } from 'node:net'
import { test } from 'vitest'

test('a test that tidies up', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await new Promise((resolve) => server.close(resolve))
})
