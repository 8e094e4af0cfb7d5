/** What a registry shows and needs of each package, beyond what publint and attw check in scripts/smoke.mjs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

interface Manifest {
  name: string
  version: string
  keywords: string[]
  dependencies?: Record<string, string>
  imports?: Record<string, Record<string, unknown>>
}

const root = new URL('../../packages/', import.meta.url)
const packages = readdirSync(root).map((folder) => ({ folder, manifest: read(folder) }))
const names = new Set(packages.map(({ manifest }) => manifest.name))

describe.each(packages)('packages/$folder', ({ folder, manifest }) => {
  test('states its purpose, its keywords and its licence', () => {
    expect(manifest).toMatchObject({
      // `npx swarmway` must work.
      name: folder === 'cli' ? 'swarmway' : `@swarmway/${folder}`,
      description: expect.stringMatching(/^\S.{20,120}\S$/),
      license: 'MIT',
      type: 'module',
      engines: { node: '>=20.19' },
      publishConfig: { access: 'public' },
      // A program has no declarations.
      files: ['dist', ...(folder === 'cli' ? ['!dist/**/*.d.ts', 'man'] : []), 'README.md', 'LICENSE']
    })
    expect(new Set(manifest.keywords).size).toBeGreaterThanOrEqual(5)
    for (const name of ['README.md', 'LICENSE']) expect(existsSync(new URL(`${folder}/${name}`, root)), name).toBe(true)
  })

  test('has the same version as the others, and depends on exactly that version', () => {
    expect(manifest.version).toBe(packages[0]?.manifest.version)
    const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) => names.has(name))
    for (const [name, range] of ours) expect(range, name).toBe('workspace:*')
  })

  // Metro gives up all imports of a package if one breaks these rules, and bundles for phones end there.
  test('has imports that Metro takes: names that begin with #, and files', () => {
    const imports = Object.entries(manifest.imports ?? {})
    for (const [name, conditions] of imports) {
      expect(name).toMatch(/^#/)
      expect(
        targetsOf(conditions).filter((target) => !target.startsWith('./')),
        name
      ).toEqual([])
    }
  })
})

test('what differs in browsers is decided for React Native too', () => {
  const forBrowsers = packages.flatMap(({ manifest }) =>
    Object.entries(manifest.imports ?? {}).filter(([, conditions]) => 'browser' in conditions)
  )
  expect(forBrowsers.length).toBeGreaterThan(3)
  for (const [name, conditions] of forBrowsers) expect(Object.keys(conditions), name).toContain('react-native')
})

/** Where an import leads, under all conditions. */
function targetsOf(conditions: unknown): string[] {
  if (typeof conditions !== 'object' || conditions === null) return [String(conditions)]
  return Object.values(conditions).flatMap(targetsOf)
}

function read(folder: string): Manifest {
  return JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8'))
}
