import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { runNode } from './node.mjs'

const TIMEOUT_MS = 30_000
// There is no bootstrap node, so no traffic leaves the machine.
const ARGS = ['proxy', '--workers', '2', '--status', '--port', '0', '--admin-port', '0', '--bootstrap', '127.0.0.1:1']

/** The installed command runs a proxy server with workers: it accepts a client, and shuts down cleanly. */
export async function checkProxy(folder, report) {
  await report.check('swarmway proxy with workers serves a client, and drains', async () => {
    const child = spawn(join(folder, 'node_modules', '.bin', 'swarmway'), ARGS, { cwd: folder, timeout: TIMEOUT_MS })
    const closed = once(child, 'close')
    const { clients, metrics, status } = await listening(child)
    await load(clients.replace('ws', 'http'), '/health')
    await load(metrics, '/metrics')
    await load(status, '/')
    runNode(folder, 'module', clientOf(clients))
    child.kill('SIGTERM')
    const [code, signal] = await closed
    if (code !== 0) throw new Error(`The proxy server ended with ${signal ?? `exit code ${code}`}.`)
  })
}

/** The log record that says where it listens. */
async function listening(child) {
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  for await (const line of createInterface({ input: child.stdout })) {
    said += `${line}\n`
    const record = JSON.parse(line)
    if (record.msg === 'listening') {
      // Output that nobody reads any more must not block the process.
      child.stdout.resume()
      return record
    }
  }
  throw new Error(`The proxy server does not listen:\n${said}`)
}

async function load(base, path) {
  const { status } = await fetch(new URL(path, base))
  if (status !== 200) throw new Error(`${path} answers with ${status}.`)
}

function clientOf(url) {
  return `
    import { ProxyClient } from '@swarmway/proxy-client'
    import { websocket } from '@swarmway/proxy-client/websocket'
    const swarm = new ProxyClient({ connect: websocket('${url}') })
    await new Promise((resolve) => swarm.once('connected', resolve))
    await swarm.destroy()
  `
}
