/**
 * How much a page has to load for the client. The README's table is the ceiling, so its figures must not be too low;
 * raise one there when the growth is worth it.
 */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { type Bundle, buildPackages, bundleWithEsbuild, fixture } from './support/build.js'
import { withoutPaths } from './support/without-paths.js'

const README = new URL('../../README.md', import.meta.url)
/** How far below its ceiling a size may be. If it is further below, the README is out of date. */
const SLACK = 0.1

let bundle: Bundle
let bundleWithoutPaths: Bundle
beforeAll(async () => {
  buildPackages()
  bundle = await bundleWithEsbuild(fixture('small.js'))
  bundleWithoutPaths = await bundleWithEsbuild(fixture('small.js'), { plugins: [withoutPaths] })
})

test.each<[string, () => number]>([
  ['the client', () => gzippedBytes(bundle, isClient)],
  ['of that, for direct paths', () => gzippedBytes(bundle, isClient) - gzippedBytes(bundleWithoutPaths, isClient)],
  ['direct paths', () => gzippedBytes(bundle, isDirect)],
  ['libsodium', () => gzippedBytes(bundle, isLibsodium)]
])('%s is as large as the README says', (title, measure) => {
  const kilobytes = measure() / 1000
  const ceiling = statedKilobytes(title)
  console.log(`${title}: ${kilobytes.toFixed(2)} kB gzipped, at most ${ceiling} kB`)
  expect(kilobytes).toBeLessThanOrEqual(ceiling)
  expect(kilobytes).toBeGreaterThan(ceiling * (1 - SLACK))
})

function gzippedBytes(files: Bundle, isPart: (name: string) => boolean): number {
  const parts = [...files].filter(([name]) => isPart(name))
  return parts.reduce((sum, [, code]) => sum + gzipSync(code, { level: 9 }).byteLength, 0)
}

/** Loaded with the page. */
function isClient(name: string): boolean {
  return !isLibsodium(name) && !isDirect(name)
}

/** Loaded once the page is shown. */
function isLibsodium(name: string): boolean {
  return name.includes('libsodium')
}

/** Loaded once there is a connection that may move. */
function isDirect(name: string): boolean {
  return name.startsWith('move-')
}

function statedKilobytes(title: string): number {
  const stated = readFileSync(README, 'utf8').match(
    new RegExp(`^\\| ${title}\\b.*\\| (\\d+(?:\\.\\d+)?) kB +\\|$`, 'm')
  )
  if (stated === null) throw new Error(`README.md does not state the size of ${title}`)
  return Number(stated[1])
}
