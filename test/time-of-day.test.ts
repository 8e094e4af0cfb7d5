import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['packages', 'examples', 'bench', 'scripts']
const LEFT_OUT = /(^|\/)(node_modules|dist|test|results|coverage)(\/|$)/

/**
 * Where the time of day is read, and why. Whatever measures a duration with it breaks when somebody sets the clock: use
 * `systemClock`, or `performance.now`.
 */
const NAMES_A_DATE: Record<string, string> = {
  'packages/runtime/src/clock.ts': 'the one wall clock of the packages',
  'packages/proxy-server/src/status/page/main.js': 'says when figures last came',
  'examples/browser/page/format.ts': 'shows when something was said',
  'examples/browser/room/room.ts': 'notes when something was said',
  'examples/browser/room/shared-file.ts': 'notes when a file was offered',
  'bench/lib/environment.ts': 'dates results'
}

/** A swarm that took its durations from `Date.now` starved its rate limits when the time of day was set back. */
test('the time of day is read where a date is named, and nowhere else', () => {
  const readers = sources().filter((path) => /\bDate\.now\b|\bnew Date\b/.test(codeOf(path)))
  expect(readers.sort()).toEqual(Object.keys(NAMES_A_DATE).sort())
})

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`)
  ).filter((path) => /\.(ts|js|mjs|tsx)$/.test(path) && !LEFT_OUT.test(path))
}

/** Without comments. */
function codeOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}
