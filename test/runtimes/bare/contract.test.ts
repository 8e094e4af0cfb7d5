/**
 * A swarm in Bare is a swarm: the whole contract suite, natively and through a proxy, with the packages as npm installs
 * them, without a flag or an alias.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Network } from '../../consumers/support/network.ts'
import { BareApp } from './bare.ts'

type Line = { what: string; value: unknown }
type Listed = { name: string; isSkipped: boolean }[]

const SUITE = 'suite.mjs'
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const app = await BareApp.create()
await bundleSuite()
const tests = (JSON.parse(app.run(SUITE, 'list')) as { value: Listed }).value
const network = Network.use()

test('the suite has tests', () => expect(tests.length).toBeGreaterThan(20))

describe.each(['native', 'proxied'])('a swarm in Bare, %s', (kind) => {
  const waiting = new Map(tests.map(({ name }) => [name, outcome()]))
  let ended = Promise.resolve(0)
  let kill = () => {}

  beforeAll(() => {
    const { child, lines } = app.start(SUITE, kind, network().proxyUrl)
    kill = () => child.kill('SIGKILL')
    ended = new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
    void follow(lines)
  })
  afterAll(() => kill())

  test.each(tests.filter(({ isSkipped }) => !isSkipped))('$name', async ({ name }) => {
    const failure = await waiting.get(name)?.promise
    if (failure !== null) throw new Error(failure)
  })

  test('the program ends', async () => {
    expect(await ended).toBe(0)
  })

  /** A program that ends early has failed the tests that it did not get to. */
  async function follow(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      const { value, what } = JSON.parse(line) as Line
      if (what !== 'result') continue
      const { failure, name } = value as { name: string; failure: string | null }
      waiting.get(name)?.resolve(failure)
    }
    for (const { resolve } of waiting.values()) resolve('Bare ended before this test')
  }
})

/** Only the test code is bundled, and sees `platform.ts`. Bare itself finds our packages, and all that they need. */
function bundleSuite(): Promise<esbuild.BuildResult> {
  return esbuild.build({
    entryPoints: [path('suite.ts')],
    outfile: join(app.folder, SUITE),
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    logLevel: 'error',
    external: ['@swarmway/*', 'hyperdht/*', 'b4a', 'bare-*', 'sodium-universal'],
    alias: { vitest: path('../../../packages/proxy-client/test/browser/suite/vitest.ts') },
    inject: [path('platform.ts')]
  })
}

/** A test's outcome, which comes from Bare. */
function outcome() {
  let resolve: (failure: string | null) => void = () => {}
  const promise = new Promise<string | null>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
