import { createRequire } from 'node:module'
import { test } from 'vitest'

const createNode = createRequire(import.meta.url)('hyperdht') as new (options: object) => { ready(): Promise<void> }

test('a test that leaves a DHT node', async () => {
  await new createNode({ host: '127.0.0.1', bootstrap: [] }).ready()
})
