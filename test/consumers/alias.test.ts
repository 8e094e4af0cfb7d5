/**
 * hyper-sdk makes its swarm from the package `hyperswarm`. A module alias substitutes ours, without a patch and without
 * a change to the application. Each program runs in its own process.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { answer, end } from '../support/child.ts'
import { Network } from './support/network.ts'
import { createFolder } from './support/storage.ts'

/** What the program reports once it has the file. */
interface Told {
  url: string
  text: string
  className: string
}

type Way = 'not aliased' | 'native' | 'proxied'

const CLASS: Record<Way, string> = { 'not aliased': 'Hyperswarm', native: 'Swarm', proxied: 'ProxiedSwarm' }

const network = Network.use()

test.each<[Way, Way]>([
  ['native', 'native'],
  ['proxied', 'proxied'],
  ['native', 'proxied'],
  ['proxied', 'native'],
  ['not aliased', 'proxied'],
  ['native', 'not aliased']
])('hyper-sdk shares a drive: %s to %s', async (writing, reading) => {
  const writer = run(writing, 'write')
  const written = await answer<Told>(writer)
  const reader = run(reading, 'read', written.url)
  const read = await answer<Told>(reader)
  expect(read.text).toBe('written by an unchanged program')
  expect([written.className, read.className]).toEqual([CLASS[writing], CLASS[reading]])
  expect(await Promise.all([end(reader), end(writer)])).toEqual([0, 0])
})

/** Starts the program in its own process. */
function run(way: Way, role: 'write' | 'read', url = ''): ChildProcess {
  const swarmOpts = `{ "bootstrap": ${network().bootstrap}, "host": "127.0.0.1" }`
  const child = fork(pathOf('program.mjs'), [role, createFolder(), swarmOpts, url], {
    execArgv: way === 'not aliased' ? [] : ['--import', pathOf(`to-${way}.mjs`)],
    env: { ...process.env, PROXY_URL: network().proxyUrl }
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`./alias/${name}`, import.meta.url))
}
