/**
 * `import '@swarmway/swarm'` loaded 171 small modules and took five times the CPU time of Node alone. Node now gets bundles,
 * by `publishConfig.exports`; other platforms and bundlers get the modules, which they can shake.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layOutPublished } from '../../scripts/shared/published.mjs'

interface Target {
  types: string
  default: string
  require: { types: string; default: string }
}

interface Manifest {
  exports: Record<string, Target | string>
  publishConfig: { exports?: object }
}

const PACKAGES = new URL('../../packages/', import.meta.url)
/** Prints each module of ours that Node loads. */
const COUNTER = `import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(\`
  import { writeSync } from 'node:fs'
  export async function load(url, context, next) {
    if (/packages.[^/]+.dist/.test(url)) writeSync(1, 'loads ' + url + '\\\\n')
    return next(url, context)
  }\`))`
let folder: string
let cwd: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmway-for-node-'))
  cwd = layOutPublished(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(readdirSync(PACKAGES))('%s: Node gets a bundle of each entry, all others its modules', (name) => {
  const { exports, publishConfig } = JSON.parse(
    readFileSync(new URL(`${name}/package.json`, PACKAGES), 'utf8')
  ) as Manifest
  const published = Object.entries(exports).map(([path, target]) => [path, forPublishing(path, target)])
  if (name !== 'cli') expect(publishConfig.exports).toEqual(Object.fromEntries(published))
})

test.each([
  ['@swarmway/swarm', 14],
  ['@swarmway/swarm/core', 12],
  ['@swarmway/proxy-client', 22],
  ['@swarmway/proxy-client/websocket', 20],
  ['@swarmway/proxy-server', 25]
])('%s loads at most %i modules of ours', (entry, most) => {
  expect(loaded(['--input-type=module', '--eval', `import '${entry}'`]).length).toBeLessThanOrEqual(most)
})

test.each([
  [['--version'], 18],
  [['send', '--help'], 65],
  [['key', '--help'], 35]
])('swarmway %j loads at most %i modules of ours', (args, most) => {
  expect(loaded([join(cwd, 'dist/main.js'), ...args]).length).toBeLessThanOrEqual(most)
})

test('all entries share one copy, whether they are imported or required', () => {
  const code = `import { createRequire } from 'node:module'
    import { SwarmCore } from '@swarmway/swarm'
    import { SwarmCore as SameCore } from '@swarmway/swarm/core'
    import { ProxyClient } from '@swarmway/proxy-client'
    const required = createRequire(process.cwd() + '/x.js')('@swarmway/swarm')
    console.log(SwarmCore === SameCore, required.SwarmCore === SwarmCore, ProxyClient.prototype instanceof SwarmCore)`
  expect(node(['--input-type=module', '--eval', code]).stdout).toBe('true true true\n')
})

test('source maps lead to the modules', () => {
  const code = "import { Swarm } from '@swarmway/swarm'; new Swarm({ maxPeers: 'x' })"
  const { stderr } = node(['--enable-source-maps', '--input-type=module', '--eval', code])
  expect(stderr).toMatch(/swarm.dist.swarm.options\.js:\d+/)
  expect(stderr).not.toMatch(/dist.for-node/)
})

function forPublishing(path: string, target: Target | string): unknown {
  if (typeof target === 'string') return target
  const { types, default: module, require } = target
  const name = path === '.' ? 'index' : path.slice(2)
  const choice = (one: string, extension: string) => ({
    'node-addons': `./dist/for-node/${name}.${extension}`,
    default: one
  })
  return { require: { types: require.types, ...choice(require.default, 'cjs') }, types, ...choice(module, 'js') }
}

function loaded(args: readonly string[]): string[] {
  const { status, stderr, stdout } = node(['--import', `data:text/javascript,${encodeURIComponent(COUNTER)}`, ...args])
  expect([status, stderr]).toEqual([0, ''])
  const urls = stdout.split('\n').filter((line) => line.startsWith('loads '))
  expect(urls.length).toBeGreaterThan(0)
  return urls
}

function node(args: readonly string[]) {
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
}
