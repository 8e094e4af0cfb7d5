/** The compose file of docs/fleet.md, without containers: its commands, settings and secret, as processes of this machine. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { topicFrom } from '@swarmway/proxy-client'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { NatsServer, natsObstacle } from '../../../proxy-server/test/support/nats-server.js'
import { until } from '../../../runtime/test/support/until.js'
import { Cli } from './support/cli.js'
import { file } from './support/files.js'
import { client, metricsOf } from './support/proxy.js'

interface Service {
  readonly image: string
  readonly command?: readonly string[]
  readonly environment?: Record<string, string>
  readonly ports?: string[]
  readonly secrets?: string[]
}

const COMPOSE = new URL('../../../../docs/production/fleet.compose.yaml', import.meta.url)
const compose = parse(readFileSync(COMPOSE, 'utf8'), { merge: true }) as {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
}
const { broker: brokerService, ...servers } = compose.services
const obstacle = natsObstacle()
if (obstacle !== null) console.warn(`skipped: the compose file of a fleet (${obstacle})`)

/** `exec`, or the signal to stop would end the shell and the server with it, before the clients are handed over. */
const COMMAND = /^npm install --global swarmway @nats-io\/transport-node && exec swarmway (.*)$/

/**
 * The service as a process. What its container would have for itself is replaced: the port, the name of the broker's
 * container, the path of the secret; and it uses no DHT, because tests reach nobody outside.
 */
async function start(service: Service, broker: NatsServer, secret: string) {
  const { command = [], environment = {} } = service
  const [, args = ''] = COMMAND.exec(command.at(-1) ?? '') ?? []
  const replaced = {
    SWARMWAY_PROXY_PORT: '0',
    SWARMWAY_PROXY_FLEET: environment['SWARMWAY_PROXY_FLEET']?.replace('broker:4222', `127.0.0.1:${broker.port}`),
    SWARMWAY_PROXY_FLEET_SECRET_FILE: secret
  }
  const alone = { SWARMWAY_PROXY_ADMIN_PORT: '0', SWARMWAY_PROXY_RENDEZVOUS_ONLY: 'true' }
  const cli = new Cli(args.split(' '), { ...environment, ...replaced, ...alone })
  const { clients, metrics } = await cli.logged('listening')
  const port = new URL(String(clients)).port
  return { cli, ws: `ws://127.0.0.1:${port}`, admin: String(metrics).replace('/metrics', '') }
}

test('each server has a port of its own, the one that it names to the others’ clients', () => {
  const ports = Object.values(servers).map(({ environment = {}, ports: [port = ''] = [] }) => {
    const [outside, inside] = port.split(':')
    expect(inside).toBe(environment['SWARMWAY_PROXY_PORT'])
    expect(environment['SWARMWAY_PROXY_FLEET_URL']).toBe(`ws://localhost:${outside}/`)
    return outside
  })
  expect(new Set(ports).size).toBe(3)
})

test('the broker is a service, and the secret is the file that the page has people make', () => {
  expect(brokerService?.image).toMatch(/^nats:/)
  const [one] = Object.values(servers)
  expect(one?.environment?.['SWARMWAY_PROXY_FLEET']).toBe('nats://broker:4222')
  const name = one?.environment?.['SWARMWAY_PROXY_FLEET_SECRET_FILE']?.replace('/run/secrets/', '') ?? ''
  expect(one?.secrets).toEqual([name])
  expect(compose.secrets[name]?.file).toBe('./fleet-secret')
  const page = readFileSync(new URL('../../../../docs/fleet.md', import.meta.url), 'utf8')
  expect(page).toContain('openssl rand -base64 24 > fleet-secret')
})

describe.skipIf(obstacle !== null)('the services', () => {
  test('start with these commands and settings, know each other, their clients meet, and one that is stopped drains', async () => {
    const broker = await NatsServer.start()
    const secret = file('fleet-secret', `${randomBytes(24).toString('base64')}\n`)
    const started = await Promise.all(Object.values(servers).map((service) => start(service, broker, secret)))
    const known = async () => {
      const metrics = await Promise.all(started.map(({ admin }) => metricsOf(admin)))
      return metrics.map((of) => of.get('swarmway_proxy_fleet_servers'))
    }
    while ((await known()).some((count) => count !== 2));
    const swarms = started.map(({ ws }) => client(ws))
    for (const swarm of swarms) swarm.join(topicFrom('the compose file'))
    await until('all have met', () => swarms.every(({ connections }) => connections.size === 2))
    const warned = (level: string) => level === 'warn' || level === 'error'
    const warnings = started.map(({ cli }) => cli.log.filter(({ level }) => warned(level)).map(({ msg }) => msg))
    // It is a fleet to try, open to everybody.
    const open = 'anyone who can reach 0.0.0.0 may use this server; --token-file restricts it'
    expect(warnings).toEqual(started.map(() => [open]))
    const [first] = started
    first?.cli.signal('SIGTERM')
    await first?.cli.logged('draining')
    expect(await first?.cli.end()).toBe(0)
  })
})
