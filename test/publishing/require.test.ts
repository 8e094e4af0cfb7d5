/**
 * `require` returned only the class: CommonJS could not reach a package's other exports, and TypeScript compiled to
 * CommonJS type-checked but failed at run time.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'
import { expect, test } from 'vitest'

const PACKAGES = fileURLToPath(new URL('../../packages', import.meta.url))
const NAMES = ['proxy-client', 'proxy-protocol', 'proxy-server', 'runtime', 'swarm']

interface Manifest {
  name: string
  main?: string
  exports: Record<string, { default: string; require: { default: string } }>
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(PACKAGES, name, 'package.json'), 'utf8'))
}

/** Runs `code` in the folder of a package, and returns the JSON that it prints. */
function evaluate(name: string, code: string): unknown {
  const prelude = "import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/x.js');"
  const args = ['--no-warnings', '--input-type=module', '--eval', `${prelude} console.log(JSON.stringify(${code}))`]
  const printed = execFileSync(process.execPath, args, { cwd: join(PACKAGES, name), encoding: 'utf8' })
  return JSON.parse(printed)
}

const ENTRIES = NAMES.flatMap((name) => Object.keys(manifestOf(name).exports).map((path) => [name, path] as const))

test.each(ENTRIES)('%s, %s: require reaches every export by its name', (name, path) => {
  const entry = JSON.stringify(manifestOf(name).name + path.slice(1))
  const isLost = `(key) => key !== 'module.exports' && required[key] !== imported[key]`
  const lost = `((required, imported) => Object.keys(imported).filter(${isLost}))(require(${entry}), await import(${entry}))`
  expect(evaluate(name, lost)).toEqual([])
})

test.each(NAMES)('%s: main is the main entry, for tools that do not support exports', (name) => {
  const { main, exports } = manifestOf(name)
  expect(main).toBe(exports['.']?.default)
})

test('require returns the class, which looks like a compiled module', () => {
  expect(
    evaluate(
      'swarm',
      `((Swarm) => [typeof Swarm, Swarm === Swarm.default, Swarm.__esModule])(require('@swarmway/swarm'))`
    )
  ).toEqual(['function', true, true])
})

test('a subclass does not look like the module: its default import would be the base class', () => {
  const code = `(() => { const Swarm = require('@swarmway/swarm'); return (class Mine extends Swarm {}).__esModule ?? null })()`
  expect(evaluate('swarm', code)).toBeNull()
})

test('in a bundle too: bundlers do not know the export that Node takes, and gave all exports in place of the class', () => {
  const contents = "const Client = require('@swarmway/proxy-client'); console.log(Client === Client.ProxyClient)"
  const stdin = { contents, resolveDir: join(PACKAGES, 'proxy-client') }
  const { outputFiles } = buildSync({ stdin, bundle: true, platform: 'browser', write: false })
  const input = outputFiles.map(({ text }) => text).join('')
  expect(execFileSync(process.execPath, ['-'], { input, encoding: 'utf8' })).toBe('true\n')
})

/** Tools resolve a name as `require` does and then `import` the file: named imports came out undefined. */
test.each([
  ['proxy-server', './websocket', 'listen'],
  ['proxy-client', './websocket', 'websocket'],
  ['swarm', '.', 'Swarm']
])('the file of %s that require gets for %s can be imported by name', async (name, entry, exported) => {
  const folder = join(PACKAGES, name)
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const url = pathToFileURL(join(folder, exports[entry]?.require.default ?? ''))
  const script = `import('${url.href}').then((module) => console.log(typeof module.${exported}))`
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toBe('function\n')
})
