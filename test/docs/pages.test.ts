/** The samples, commands and links of all pages. scripts/docs/directive.ts explains the comments above blocks. */
import { expect, test } from 'vitest'
import { checkData } from '../../scripts/docs/check/data.ts'
import { checkLinks } from '../../scripts/docs/check/links.ts'
import { checkShell } from '../../scripts/docs/check/shell.ts'
import { checkTypes } from '../../scripts/docs/check/types.ts'
import { readPages } from '../../scripts/docs/pages.ts'

const pages = readPages()
const blocks = pages.flatMap((page) => page.blocks)

test('all pages are read', () => {
  const paths = pages.map(({ path }) => path)
  expect(paths).toContain('README.md')
  expect(paths).toContain('docs/reference/swarm.md')
  expect(paths).toContain('packages/swarm/README.md')
  expect(paths.some((path) => path.includes('node_modules'))).toBe(false)
})

test('samples type-check against the packages', () => {
  expect(checkTypes(blocks)).toEqual([])
})

test('commands exist, with their flags', () => {
  expect(checkShell(pages)).toEqual([])
})

test('every block has a language with a check, and data is valid', () => {
  expect(checkData(blocks)).toEqual([])
})

// The page about fleets was not in the list.
test('docs/README.md leads to every page in docs', () => {
  const listed = pages.find(({ path }) => path === 'docs/README.md')?.links.map(({ url }) => url.split('#')[0]) ?? []
  const names = pages.flatMap(({ path }) => /^docs\/([\w-]+\.md)$/.exec(path)?.[1] ?? [])
  expect(names.filter((name) => name !== 'README.md' && !listed.includes(name))).toEqual([])
})

test('links lead somewhere', () => {
  expect(checkLinks(pages)).toEqual([])
})
