/** The services of docs/production/fleet.compose.yaml, without containers: their commands, in their order and environment. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { NatsServer } from '../../../packages/proxy-server/test/support/nats-server.js'
import { ROOT } from '../../../scripts/docs/root.ts'
import { freePort } from '../support/sample.ts'

const FILE = join(ROOT, 'docs/production/fleet.compose.yaml')
const CLI = join(ROOT, 'packages/cli/dist/main.js')

interface Service {
  readonly image: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly depends_on: readonly string[]
  readonly secrets: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
}

const { secrets, services } = parse(readFileSync(FILE, 'utf8'), { merge: true }) as Compose
const { broker: _broker, ...servers } = services

test('what a service names is in the file', () => {
  expect(Object.keys(servers)).toEqual(['one', 'two', 'three'])
  for (const { depends_on: needed, environment, secrets: used } of Object.values(servers)) {
    expect(Object.keys(services)).toEqual(expect.arrayContaining([...needed]))
    expect(Object.keys(secrets)).toEqual(expect.arrayContaining([...used]))
    expect(environment['SWARMWAY_PROXY_FLEET_SECRET_FILE']).toBe(`/run/secrets/${used[0]}`)
  }
})

// By npx, the signal to stop ended the shell around the server, and the server with it: no client was handed over.
test('the servers are one fleet, and one that is stopped drains', async () => {
  const broker = await NatsServer.start()
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-compose-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'secret'), 'a secret of many letters')
  // In place of what the command would fetch.
  writeFileSync(join(folder, 'npm'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(folder, 'swarmway'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 })
  const running = await Promise.all(Object.values(servers).map((service) => start(service, broker.url, folder)))
  await Promise.all(running.map(({ line }) => line(/others\W+2\b/)))
  const [{ child, line } = running[0] as Running] = running
  child.kill('SIGTERM')
  await line(/draining/)
  expect(await once(child, 'exit')).toEqual([0, null])
})

type Running = Awaited<ReturnType<typeof start>>

/** As Docker starts it, except for the addresses: there is one machine here, and no DHT. */
async function start({ command: [shell = '', ...args], environment }: Service, brokerUrl: string, folder: string) {
  const port = await freePort()
  const here = {
    ...environment,
    PATH: `${folder}:${process.env['PATH']}`,
    SWARMWAY_PROXY_HOST: '127.0.0.1',
    SWARMWAY_PROXY_PORT: String(port),
    SWARMWAY_PROXY_ADMIN_PORT: '0',
    SWARMWAY_PROXY_RENDEZVOUS_ONLY: 'true',
    SWARMWAY_PROXY_FLEET: brokerUrl,
    SWARMWAY_PROXY_FLEET_SECRET_FILE: join(folder, 'secret'),
    SWARMWAY_PROXY_FLEET_URL: `ws://127.0.0.1:${port}/`
  }
  const child = spawn(shell, args, { env: here, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  const listeners = new Set<() => void>()
  for (const output of [child.stdout, child.stderr])
    createInterface(output).on('line', (text) => {
      said.push(text)
      for (const listener of listeners) listener()
    })
  const line = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => said.some((text) => pattern.test(text)) && resolve()
      listeners.add(look)
      child.once('exit', () => reject(new Error(`it ended: ${said.join('\n')}`)))
      look()
    })
  return { child, line }
}
