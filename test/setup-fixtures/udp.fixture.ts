import { createSocket } from 'node:dgram'
import { test } from 'vitest'

test('a test that leaves a UDP socket', async () => {
  await new Promise<void>((resolve) => createSocket('udp4').bind(0, '127.0.0.1', resolve))
})
