/** The test set-up must fail tests that do not tidy up: these fixtures show that it does. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'

interface Report {
  testResults: Array<{ name: string; status: string; message: string }>
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

let run = { report: { testResults: [] } as Report, output: '' }

beforeAll(async () => {
  // A separate run, not a part of this one.
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'NODE_OPTIONS')
  const options = { cwd: ROOT, env: { ...Object.fromEntries(env), LEAK_GRACE_MS: '300', NO_COLOR: '1' } }
  const file = join(mkdtempSync(join(tmpdir(), 'swarmway-setup-')), 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile=${file}`]
  const args = [VITEST, 'run', '--config', 'test/setup-fixtures/vitest.config.ts', ...reporters]
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, options, (_error, stdout, stderr) => resolve(stdout + stderr))
  })
  run = { report: JSON.parse(readFileSync(file, 'utf8')), output }
})

function fixture(name: string) {
  return run.report.testResults.find((result) => result.name.endsWith(`${name}.fixture.ts`))
}

test('a test that tidies up passes', () => {
  expect(fixture('clean')).toMatchObject({ status: 'passed' })
})

test.each([
  ['warning', /printed warnings/],
  ['timer', /Timeout/],
  ['tcp', /TCPServerWrap/],
  ['udp', /UDPWrap/],
  // Its sockets are UDX's, which Node does not see; its timer reveals it.
  ['dht', /Timeout/]
])('a test file that leaves a %s behind fails', (name, message) => {
  expect(fixture(name)).toMatchObject({ status: 'failed', message: expect.stringMatching(message) })
})

test('an unhandled rejection fails the run', () => {
  expect(run.output).toMatch(/Unhandled Rejection[\s\S]*nobody handles this/)
})
