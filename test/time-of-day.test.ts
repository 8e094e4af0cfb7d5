import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['packages', 'examples', 'bench', 'scripts']
const LEFT_OUT = /(^|\/)(node_modules|dist|test|results|coverage)(\/|$)/

/**
 * Where the time of day is read, and why. Code that measures durations with it breaks when somebody sets the clock: use
 * `systemClock` or `performance.now` instead.
 */
const NAMES_A_DATE: Record<string, string> = {
  'packages/runtime/src/clock.ts': 'the one wall clock of the packages',
  'packages/proxy-server/src/status/page/main.js': 'shows when figures last arrived',
  'examples/browser/page/format.ts': 'shows when something was said',
  'examples/browser/room/room.ts': 'records when something was said',
  'examples/browser/room/shared-file.ts': 'records when a file was offered',
  'packages/cli/src/receive/incoming-file.ts': 'sets when a received file was read',
  'packages/cli/src/keys/invite.ts': 'says on which day an invitation ends',
  'packages/cli/src/keys/members.ts': 'shows on which day an invitation ends',
  'packages/cli/src/page/zip.ts': 'says when the files of an archive were changed',
  'bench/lib/environment.ts': 'dates results'
}

/** A swarm that measured durations with `Date.now` starved its rate limits when the time of day was set back. */
test('only code that needs a date reads the time of day', () => {
  const readers = sources().filter((path) => /\bDate\.now\b|\bnew Date\b/.test(codeOf(path)))
  expect(readers.sort()).toEqual(Object.keys(NAMES_A_DATE).sort())
})

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`)
  ).filter((path) => /\.(ts|js|mjs|tsx)$/.test(path) && !LEFT_OUT.test(path))
}

/** The source without comments. */
function codeOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}
