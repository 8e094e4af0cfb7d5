/** Samples of user code, compiled against the published declarations with every module resolution. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const SETTINGS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' }
}

/** The samples with their settings. TypeScript's node16 does not let a CommonJS file require an ES module. */
const CASES = [
  ['types.ts', ['node16', 'nodenext', 'bundler'], []],
  ['proxied.ts', ['node16', 'nodenext', 'bundler'], []],
  ['node.ts', ['node16', 'nodenext', 'bundler'], ['node']],
  ['required.cts', ['nodenext'], ['node']]
] as const

const TABLE = CASES.flatMap(([sample, names, types]) => names.map((name) => [sample, name, types] as const))

test.each(TABLE)('%s compiles with %s', (sample, name, types) => {
  mkdirSync(join(ROOT, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(ROOT, '.tmp', 'types-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  copyFileSync(join(ROOT, 'scripts/smoke/sample', sample), join(folder, sample))
  const checks = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types }
  const compilerOptions = { ...SETTINGS[name], ...checks, target: 'ES2022', esModuleInterop: true }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [sample] }))
  expect(errorsOf(folder)).toBe('')
})

function errorsOf(folder: string): string {
  try {
    return execFileSync(process.execPath, [TSC, '--project', folder], { cwd: ROOT, encoding: 'utf8' })
  } catch (error) {
    return String((error as { stdout?: string }).stdout)
  }
}
