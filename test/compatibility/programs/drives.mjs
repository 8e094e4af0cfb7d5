// The command `drives`: one process seeds a drive, another gets a file of it. Each makes its own swarm.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createFolder, installed, pass, until } from './support.mjs'

const BIN = installed.resolve('drives/bin.js')
const { COMPATIBILITY } = process.env
const [storage, copies] = [createFolder(), createFolder()]

const [key] = (await output(drives(0, 'touch', '--storage', storage))).match(/[a-z0-9]{52}/)
await output(drives(0, 'put', key, 'readme.md', 'a file of a drive', '--storage', storage))
const seeding = drives(0, 'seed', key, '--storage', storage)
await until(() => seeding.said.includes('Announced'))
const got = await output(drives(1, 'get', key, 'readme.md', '--storage', copies))
if (!got.includes('a file of a drive')) throw new Error(got)
pass()

/** Starts the command with a swarm of one kind. */
function drives(index, ...args) {
  const settings = JSON.parse(COMPATIBILITY)
  const kinds = [settings.kinds[index % settings.kinds.length]]
  const child = spawn(process.execPath, [...process.execArgv, BIN, ...args], {
    env: { ...process.env, COMPATIBILITY: JSON.stringify({ ...settings, kinds }) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const started = { child, said: '' }
  child.stdout.on('data', (data) => {
    started.said += data
  })
  return started
}

async function output(started) {
  const [code] = await once(started.child, 'exit')
  if (code !== 0) throw new Error(`drives ended with ${code}: ${started.said}`)
  return started.said
}
