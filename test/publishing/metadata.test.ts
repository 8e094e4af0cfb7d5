/** What a registry shows and needs of each package, as far as publint and attw in scripts/smoke.mjs do not ask. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

interface Manifest {
  name: string
  version: string
  keywords: string[]
  dependencies?: Record<string, string>
}

const root = new URL('../../packages/', import.meta.url)
const packages = readdirSync(root).map((folder) => ({ folder, manifest: read(folder) }))
const names = new Set(packages.map(({ manifest }) => manifest.name))

describe.each(packages)('packages/$folder', ({ folder, manifest }) => {
  test('says what it is, for whom, and under which terms', () => {
    expect(manifest).toMatchObject({
      // `npx swarmway` has to work.
      name: folder === 'cli' ? 'swarmway' : `@swarmway/${folder}`,
      description: expect.stringMatching(/^\S.{20,120}\S$/),
      license: 'MIT',
      type: 'module',
      engines: { node: '>=20.19' },
      publishConfig: { access: 'public' },
      files: ['dist', 'README.md', 'LICENSE']
    })
    expect(new Set(manifest.keywords).size).toBeGreaterThanOrEqual(5)
    for (const name of ['README.md', 'LICENSE']) expect(existsSync(new URL(`${folder}/${name}`, root)), name).toBe(true)
  })

  test('has the version of the others, and depends on just that', () => {
    expect(manifest.version).toBe(packages[0]?.manifest.version)
    const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) => names.has(name))
    for (const [name, range] of ours) expect(range, name).toBe('workspace:*')
  })
})

function read(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8'))
}
