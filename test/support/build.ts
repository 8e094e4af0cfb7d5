/** Runs before the tests of every tier: tests that start processes run the code in dist/, which must not be stale. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

const SCRIPT = fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url))

export default function setup(project: TestProject): void {
  build()
  project.onTestsRerun(build)
}

function build(): void {
  // Standard output may carry a report.
  console.error('Bringing dist/ up to date ...')
  const { status, stderr, stdout } = spawnSync(process.execPath, [SCRIPT], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The packages do not compile, so the tests cannot run.\n${stdout}${stderr}`)
}
