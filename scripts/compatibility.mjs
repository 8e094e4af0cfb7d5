/** `npm run test:compatibility`: runs the tier, and with `--write` makes docs/compatibility.md of its results. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RESULTS = 'bench/results/compatibility.json'
const USAGE = `Usage: npm run test:compatibility -- [--write] [options of vitest]
  --write      writes ${RESULTS}, and docs/compatibility.md from it
  -t PACKAGE   only this package
It installs the newest packages from npm into .tmp/compatibility, once a day.`

process.exitCode = main(process.argv.slice(2))

function main(args) {
  if (args.includes('--help')) {
    console.log(USAGE)
    return 0
  }
  const isWriting = args.includes('--write')
  const rest = args.filter((arg) => arg !== '--write')
  const env = { ...process.env, ...(isWriting && { COMPATIBILITY_RESULTS: RESULTS }) }
  const status = run(
    ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/tiers/compatibility.config.ts', ...rest],
    env
  )
  // A failure belongs in the table as well.
  if (isWriting) run(['--import=tsx', '--conditions=@swarmway/source', 'scripts/docs/main.ts'], process.env)
  return status
}

function run(args, env) {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit', env })
  return status ?? 1
}
