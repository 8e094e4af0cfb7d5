// Installs the locked dependencies if they are missing or older than the lockfile, so that `npm test` and
// `npm run demo` work on a fresh clone that needs only git, Node and npm.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const lock = `${root}pnpm-lock.yaml`
const stamp = `${root}node_modules/.installed-lock.yaml`

if (!isCurrent()) {
  console.error('Installing dependencies with pnpm 10 (only needed once) ...')
  const { status, error } = spawnSync('npx', ['-y', 'pnpm@10', 'install', '--frozen-lockfile'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32'
  })
  if (status !== 0) {
    console.error(
      `The install failed${error ? ` (${error.message})` : ''}. Check that npm can reach its registry, then try again.`
    )
    process.exit(status ?? 1)
  }
  copyFileSync(lock, stamp)
}

function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(lock, 'utf8')
}
