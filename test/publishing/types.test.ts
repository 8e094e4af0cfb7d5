/** Samples of user code, compiled against the published declarations with every module resolution. */
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const SETTINGS = {
  node10: { module: 'commonjs', moduleResolution: 'node10' },
  node16: { module: 'node16', moduleResolution: 'node16' },
  node20: { module: 'node20', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  preserve: { module: 'preserve', moduleResolution: 'bundler' }
}

/** The samples, and the settings that each is for. */
const CASES = [
  ['types.ts', ['node16', 'nodenext', 'bundler'], []],
  ['proxied.ts', ['node16', 'nodenext', 'bundler'], []],
  ['node.ts', ['node16', 'nodenext', 'bundler'], ['node']],
  ['required.cts', ['node16', 'node20', 'nodenext', 'preserve'], ['node']],
  ['required.cjs', ['node16', 'node20', 'nodenext', 'preserve'], ['node']]
] as const

const TABLE = CASES.flatMap(([sample, names, types]) => names.map((name) => [sample, name, types] as const))

test.each(TABLE)('%s compiles with %s', (sample, name, types) => {
  const folder = newFolder()
  copyFileSync(join(ROOT, 'scripts/smoke/sample', sample), join(folder, sample))
  expect(errorsOf(folder, sample, name, types)).toBe('')
})

/** Entries could only be imported: with node16, TypeScript refused every `require` of theirs (TS1479). */
test.each(['node16', 'nodenext'] as const)('every entry of every package can be required, with %s', (name) => {
  const folder = newFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(ROOT, 'packages'), join(folder, 'node_modules/@swarmway'))
  writeFileSync(join(folder, 'all.cts'), entries().map(requireEntry).join('\n'))
  expect(errorsOf(folder, 'all.cts', name, ['node'])).toBe('')
})

/**
 * `module: commonjs` alone means the resolution `node10`, which does not read `exports`: entries such as `/websocket` were not
 * found, and `ProxyClient` had none of the swarm's members, as its declarations import an entry of the swarm.
 */
test('every entry of every package can be imported, with node10', () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(ROOT, 'packages'), join(folder, 'node_modules/@swarmway'))
  const imports = `import { ProxyClient } from '@swarmway/proxy-client'`
  const members = `${imports}; export const use = (client: ProxyClient) => client.on('connection', (c) => c.end())`
  writeFileSync(join(folder, 'all.ts'), [...entries().map(importEntry), members].join('\n'))
  expect(errorsOf(folder, 'all.ts', 'node10', ['node'])).toBe('')
})

function importEntry(entry: string, index: number): string {
  return `export * as all${index} from '${entry}'`
}

/** Requires an entry, and demands that each of its values has the type that it has when it is imported. */
function requireEntry(entry: string, index: number): string {
  const imported = `typeof import('${entry}', { with: { 'resolution-mode': 'import' } })`
  return `import required${index} = require('${entry}'); export const all${index}: ${imported} = required${index}`
}

function entries(): string[] {
  const names = readdirSync(join(ROOT, 'packages')).filter((name) => name !== 'cli')
  return names.flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'))
    return Object.keys(exports).map((path) => `@swarmway/${name}${path.slice(1)}`)
  })
}

function newFolder(): string {
  mkdirSync(join(ROOT, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, '.tmp', 'types-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

function errorsOf(folder: string, file: string, name: keyof typeof SETTINGS, types: readonly string[]): string {
  const checks = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types }
  const interop = { target: 'ES2022', esModuleInterop: true, allowJs: true }
  const compilerOptions = { ...SETTINGS[name], ...checks, ...interop }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
  try {
    return execFileSync(process.execPath, [TSC, '--project', folder], { cwd: ROOT, encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout?: string }).stdout)
  }
}
