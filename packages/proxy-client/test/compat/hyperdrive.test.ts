/** Runs discovery-swarm-stream's demo as a user would. */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const example = new URL('../../../../examples/migrating/hyperdrive.ts', import.meta.url).pathname

test('examples/migrating/hyperdrive.ts reads a file of a Hyperdrive through a proxy', async (context) => {
  if (!isInstalled('hyperdrive')) context.skip('the package hyperdrive is not installed')
  const loader = ['--conditions=@swarmway/source', '--import', 'tsx']
  const { stdout } = await promisify(execFile)(process.execPath, [...loader, example], { timeout: 30_000 })
  expect(stdout).toContain('read {"title":"From the days of Dat"}')
})

function isInstalled(name: string): boolean {
  try {
    createRequire(example).resolve(name)
    return true
  } catch {
    return false
  }
}
