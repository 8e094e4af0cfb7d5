/** Runs discovery-swarm-stream's demo as a user would. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const example = new URL('../../../../../examples/migrating/hyperdrive.ts', import.meta.url).pathname

test('examples/migrating/hyperdrive.ts reads a file of a Hyperdrive through a proxy', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', example], { timeout: 120_000 })
  expect(stdout).toContain('read {"title":"From the days of Dat"}')
})
