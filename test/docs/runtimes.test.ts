/** docs/runtimes.md says what the tier of runtimes tests, and nothing else. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../scripts/docs/root.ts'
import { CASES } from '../runtimes/cases.ts'

const FOLDER = join(ROOT, 'test/runtimes')
const HELPERS = ['app', 'support']

test('every case has a row, and every row a case', () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const names = folders.map(({ name }) => name).filter((name) => !HELPERS.includes(name))
  expect(CASES.map(({ folder }) => folder).sort()).toEqual(names.sort())
})

/** Those of Bare and React Native are suites of several files. */
const CASES_OF_ONE_FILE = CASES.filter(({ folder }) => existsSync(join(FOLDER, folder, `${folder}.test.ts`)))

test.each(CASES_OF_ONE_FILE)('the tests of $folder are titled as the row', ({ folder, name }) => {
  const text = readFileSync(join(FOLDER, folder, `${folder}.test.ts`), 'utf8')
  const titles = [...text.matchAll(/^(?:test.*|\]\))\(\s*'([^']+)'/gm)].map(([, title]) => title)
  expect(titles.length).toBeGreaterThan(0)
  for (const title of titles) expect(title).toMatch(new RegExp(`^${name}`))
})

test.each(CASES.filter(({ tool }) => tool !== null))('the version of $tool is exact', ({ folder, tool }) => {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, folder, 'package.json'), 'utf8'))
  expect(dependencies[tool ?? '']).toMatch(/^\d+\.\d+\.\d+$/)
})
