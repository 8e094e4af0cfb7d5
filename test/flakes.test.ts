/** `npm run test:flakes`: its report about rounds with different outcomes. The rounds are ordinary test runs. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const SCRIPTS = new URL('../scripts/flakes/', import.meta.url)

/** Runs code that uses the modules of the script. */
function evaluate(code: string): { stdout: string; stderr: string } {
  const { stderr, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' })
  return { stdout, stderr }
}

function reportOf(...results: { name: string; failed: string[] }[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-flakes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const testResults = results.map(({ failed, name }) => ({
    name: join(process.cwd(), name),
    status: failed.length > 0 ? 'failed' : 'passed',
    message: '',
    assertionResults: failed.map((fullName) => ({ status: 'failed', fullName, failureMessages: ['late\n  at x'] }))
  }))
  const path = join(folder, 'report.json')
  writeFileSync(path, JSON.stringify({ numPassedTests: 7, testResults }))
  return path
}

test('a test that failed in any round is listed once, with its rounds and its message', () => {
  const first = reportOf({ name: 'a.test.ts', failed: ['is late', 'hangs'] })
  const second = reportOf({ name: 'a.test.ts', failed: ['hangs'] }, { name: 'b.test.ts', failed: [] })
  const { stdout } = evaluate(`
    import { listFailures, readReport } from '${new URL('report.mjs', SCRIPTS)}'
    const rounds = [${JSON.stringify(first)}, ${JSON.stringify(second)}].map((path, index) =>
      ({ number: index + 1, failures: readReport(path, 1).failures }))
    console.log(listFailures(rounds).join('\\n'))
  `)
  expect(stdout).toBe('  a.test.ts > hangs (round 1, 2)\n    late\n  a.test.ts > is late (round 1)\n    late\n')
})

test('a run that fails outside of tests is a failure too', () => {
  const path = reportOf({ name: 'a.test.ts', failed: [] })
  const { stdout } = evaluate(`
    import { readReport } from '${new URL('report.mjs', SCRIPTS)}'
    console.log(readReport(${JSON.stringify(path)}, 1).failures.length, readReport('/no/report', 1).failures.length)
  `)
  expect(stdout).toBe('1 1\n')
})

test('--times and --load are whole numbers, and files are passed on', () => {
  const { stderr, stdout } = evaluate(`
    import { parseOptions } from '${new URL('options.mjs', SCRIPTS)}'
    console.log(JSON.stringify(parseOptions(['--times', '5', 'packages/cli'])))
    parseOptions(['--load', 'much'])
  `)
  expect(JSON.parse(stdout)).toEqual({ config: 'vitest.config.ts', files: ['packages/cli'], load: 2, times: 5 })
  expect(stderr).toContain('--load takes a whole number from 0 to 999, not "much".')
})
