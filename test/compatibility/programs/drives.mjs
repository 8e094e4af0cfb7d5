// The command `drives`: one program seeds a drive, another downloads it from there. Both make their own swarm.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFolder, installed, pass, until } from './support.mjs'

const BIN = installed.resolve('drives/bin.js')
const { COMPATIBILITY } = process.env
const [source, target] = [createFolder(), createFolder()]
const [storage, copies] = [createFolder(), createFolder()]
writeFileSync(join(source, 'readme.md'), 'a drive')

const key = (await output(drives(0, 'touch', '--storage', storage))).match(/[a-z0-9]{52}/)?.[0]
await output(drives(0, 'mirror', source, key, '--storage', storage))
const seeding = drives(0, 'seed', key, '--storage', storage)
await until(() => seeding.said.includes('Announced'))
await output(drives(1, 'mirror', key, target, '--storage', copies))
seeding.child.kill('SIGKILL')
if (readFileSync(join(target, 'readme.md'), 'utf8') !== 'a drive') throw new Error('another file')
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
    process.stderr.write(data)
  })
  return started
}

async function output(started) {
  const [code] = await once(started.child, 'exit')
  if (code !== 0) throw new Error(`drives ended with ${code}: ${started.said}`)
  return started.said
}
