/** The house in ARCHITECTURE.md lists the folders of each package: none may be missing, and each must exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PAGE = readFileSync(`${ROOT}docs/ARCHITECTURE.md`, 'utf8')
const LIST = /^(packages\/[\w-]+\/src).*\n((?: {2}.+\n)+)/gm
const FOLDER = /^ {2}((?:[\w/-]+\/ +)+)/gm

const lists = [...PAGE.matchAll(LIST)].map(([, path = '', text = '']) => {
  const folders = [...text.matchAll(FOLDER)].flatMap(([, names = '']) => names.trim().split(/ +/))
  return { path, folders: folders.map((name) => name.slice(0, -1)) }
})

test('finds the lists', () => {
  expect(lists.map(({ path }) => path)).toContain('packages/swarm/src')
  expect(lists.length).toBeGreaterThan(3)
})

test.each(lists)('$path has the folders that the page lists, and no others', ({ folders, path }) => {
  expect(folders.filter((name) => !existsSync(`${ROOT}${path}/${name}`))).toEqual([])
  // Git leaves an empty folder where one has moved.
  const files = readdirSync(ROOT + path, { recursive: true }).map(String)
  const real = new Set(files.filter((file) => /\/.*\./.test(file)).map((file) => file.split('/')[0] ?? ''))
  expect([...real].filter((name) => !folders.includes(name))).toEqual([])
})
