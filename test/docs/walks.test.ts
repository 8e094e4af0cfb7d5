/** The walks in ARCHITECTURE.md are lists of files and functions: each must still exist. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PACKAGES = fileURLToPath(new URL('../../packages/', import.meta.url))
const PAGE = readFileSync(fileURLToPath(new URL('../../docs/ARCHITECTURE.md', import.meta.url)), 'utf8')
const STEP = /^- `([\w/.-]+\.ts)` `(#?\w+)`/gm

const steps = [...PAGE.matchAll(STEP)].map(([, file = '', name = '']) => ({ file, name }))

test('finds the walks', () => {
  expect(steps.length).toBeGreaterThan(30)
})

test.each(steps)('$file has $name', ({ file, name }) => {
  // Those of the first walk are in the swarm.
  const path = PACKAGES + (existsSync(PACKAGES + file) ? file : `swarm/src/${file}`)
  expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`(^|[\\s.])${name}[(<]`, 'm'))
})
