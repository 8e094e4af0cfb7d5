import { execFileSync } from 'node:child_process'
import { type Browser, chromium } from 'playwright-core'

// Without these Chromium looks up hosts of its own at every start.
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
// Containers give it no sandbox, and have no GPU.
const CONTAINED = ['--no-sandbox', '--disable-gpu', '--disable-quic']

/** Starts the installed Chromium, without a window. The caller closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: [...QUIET, ...CONTAINED] })
}

/** Path of Chromium: the environment's CHROMIUM, or the `chromium` on the PATH. */
function findChromium(): string {
  const fromEnvironment = process.env['CHROMIUM']
  if (fromEnvironment) return fromEnvironment
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim()
  } catch {
    throw new Error('Chromium is missing. Install it (Debian: apt-get install chromium), or set CHROMIUM to its path.')
  }
}
