// The commands of hypertele: a TCP server is reached through a tunnel, by its public key. Each end makes its own node.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { installed, pass, until } from './support.mjs'

const settings = JSON.parse(process.env.COMPATIBILITY)
const HyperDHT = installed('hyperdht')
// Its command line takes digits for a number.
const seed = Buffer.concat([Buffer.of(0xab), randomBytes(31)])
const key = HyperDHT.keyPair(seed).publicKey.toString('hex')
const web = createServer((_, response) => response.end('served'))
await new Promise((resolve) => web.listen(0, '127.0.0.1', resolve))

const server = start(0, 'server.js', '-l', web.address().port, '--seed', seed.toString('hex'))
await until(() => server.said.includes(key))
const client = start(1, 'client.js', '-p', 0, '-s', key)
await until(() => /:(\d+)/.test(client.said))
const [, port] = /127\.0\.0\.1:(\d+)/.exec(client.said)

// Twice: a tunnel is a connection of its own.
for (let round = 0; round < 2; round++) {
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
  assert.equal(await response.text(), 'served')
}
server.child.kill('SIGKILL')
client.child.kill('SIGKILL')
pass()

function start(index, file, ...args) {
  const kinds = [settings.kinds[index % settings.kinds.length]]
  const child = spawn(process.execPath, [...process.execArgv, installed.resolve(`hypertele/${file}`), ...args], {
    env: { ...process.env, COMPATIBILITY: JSON.stringify({ ...settings, kinds }) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const started = { child, said: '' }
  child.stdout.on('data', (data) => {
    started.said += data
  })
  return started
}
