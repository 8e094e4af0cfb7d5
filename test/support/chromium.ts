import { execFileSync } from 'node:child_process'
import { type Browser, chromium, type LaunchOptions } from 'playwright-core'

// Without these, Chromium looks up its own hosts at every start.
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
// Containers offer neither a sandbox nor a GPU.
const CONTAINED = ['--no-sandbox', '--disable-gpu', '--disable-quic']

/** Milliseconds that a page may take for a step, on a machine that is busy with other things. */
export const PATIENCE_MS = 120_000

/** Starts the installed Chromium without a window. The caller closes it. */
export function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const args = [...QUIET, ...CONTAINED, ...(options.args ?? [])]
  return chromium.launch({ timeout: PATIENCE_MS, ...options, executablePath: findChromium(), args })
}

/** Path of Chromium: the environment variable CHROMIUM, or `chromium` on the PATH. */
function findChromium(): string {
  const fromEnvironment = process.env['CHROMIUM']
  if (fromEnvironment) return fromEnvironment
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim()
  } catch {
    throw new Error('Chromium is missing. Install it (Debian: apt-get install chromium), or set CHROMIUM to its path.')
  }
}
