/** Runs each sample for Node that is not a program of its own, up to its last line, with what it uses given to it. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import ts from 'typescript'
import { expect, onTestFinished, test } from 'vitest'
import type { Block } from '../../scripts/docs/page.ts'
import { readPages } from '../../scripts/docs/pages.ts'
import { Place } from './support/sample.ts'

/** Samples that cannot end here, by a part of their text, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  'DriveReader.open': 'nobody here has the drive; examples/recipes/test/browser runs it',
  'next.config.js': 'a configuration; test/runtimes/next uses it'
}

const GIVEN = new URL('support/given-values.mjs', import.meta.url).href

const samples = readPages()
  .flatMap(({ blocks }) => blocks)
  .filter(({ lang, directive: { browser, file, run, skip } }) => {
    return ['js', 'ts'].includes(lang) && !browser && file === null && run === null && skip === null
  })
  .filter(({ text }) => !Object.keys(NOT_RUN).some((part) => text.includes(part)))

test('most samples are run', () => {
  expect(samples.length).toBeGreaterThan(30)
})

test.each(samples.map((block) => ({ name: `${block.page}:${block.line}`, block })))('$name', async ({ block }) => {
  const place = await Place.open()
  const sample = place.runBlock(inJavaScript(block), {
    imports: block.text.includes(".ts'") ? ['tsx', GIVEN] : [GIVEN],
    env: { GIVEN: block.directive.given.join(), PROXY: await startServer() },
    replace: { "'./": `'${emptyFolder()}/` }
  })
  await sample.line(/^the sample has ended$/)
})

/** Strips types, replaces the addresses by those of this place, and says when the last line was reached. */
function inJavaScript(block: Block): Block {
  const { outputText } = ts.transpileModule(block.text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
  })
  const here = outputText
    .replace(/'wss:\/\/[\w.]+\.example(\/\w+)?'/g, "process.env['PROXY']")
    .replace(/nats:\/\/broker\.example:\d+/g, 'nats://127.0.0.1:9')
    .replace(/\bport: \d{4}\b/g, 'port: 0')
    .replace(/\.listen\(\d{4}\)/g, ".listen(0, '127.0.0.1')")
  return { ...block, text: `${here}\nconsole.log('the sample has ended')` }
}

/** Starts a proxy server without a DHT, and returns its URL. */
async function startServer(): Promise<string> {
  const server = new ProxyServer({ dht: null })
  onTestFinished(() => server.destroy())
  const listener = await listen(server, { port: 0, host: '127.0.0.1' })
  onTestFinished(() => listener.close())
  return `ws://127.0.0.1:${(listener.address as AddressInfo).port}`
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-docs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
