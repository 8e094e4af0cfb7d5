/** The compose file of docs/fleet.md, without containers: its commands, settings and secret, as processes of this machine. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { topicFrom } from '@swarmway/proxy-client'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { NatsServer, natsObstacle } from '../../../proxy-server/test/support/nats-server.js'
import { until } from '../../../runtime/test/support/until.js'
import { DEFINITIONS } from '../../src/proxy/config/settings.js'
import { Cli } from './support/cli.js'
import { file } from './support/files.js'
import { client, metricsOf } from './support/proxy.js'

interface Service {
  readonly image?: string
  readonly build?: string
  readonly environment?: Record<string, string>
  readonly ports?: string[]
  readonly secrets?: string[]
  readonly stop_grace_period?: string
}

const FOLDER = new URL('../../../../examples/recipes/fleet/', import.meta.url)
const compose = parse(readFileSync(new URL('compose.yaml', FOLDER), 'utf8'), { merge: true }) as {
  services: Record<string, Service>
  secrets: Record<string, { file: string }>
}
const { broker: brokerService, ...servers } = compose.services
const obstacle = natsObstacle()
if (obstacle !== null) console.warn(`skipped: the compose file of a fleet (${obstacle})`)

/** What the image of a service runs. */
function commandOf({ build = '' }: Service): string[] {
  const dockerfile = readFileSync(new URL(`${build}/Dockerfile`, FOLDER), 'utf8')
  const [entrypoint = [], command = []] = ['ENTRYPOINT', 'CMD'].map((instruction) => {
    const [, list = '[]'] = new RegExp(`^${instruction} (.*)$`, 'm').exec(dockerfile) ?? []
    return JSON.parse(list) as string[]
  })
  return [...entrypoint, ...command]
}

/** Ports of this machine, by those of the container. */
function portsOf({ ports = [] }: Service): Map<string, string> {
  return new Map(
    ports.map((port) => {
      const end = port.lastIndexOf(':')
      return [port.slice(end + 1), port.slice(0, end)]
    })
  )
}

/**
 * The service as a process. What its container would have for itself is replaced: the port, the name of the broker's
 * container, the path of the secret; and it uses no DHT, because tests reach nobody outside.
 */
async function start(service: Service, broker: NatsServer, secret: string) {
  const { environment = {} } = service
  const [, ...args] = commandOf(service)
  const replaced = {
    SWARMWAY_PROXY_FLEET: environment['SWARMWAY_PROXY_FLEET']?.replace('broker:4222', `127.0.0.1:${broker.port}`),
    SWARMWAY_PROXY_FLEET_SECRET_FILE: secret
  }
  const alone = { SWARMWAY_PROXY_ADMIN_PORT: '0', SWARMWAY_PROXY_RENDEZVOUS_ONLY: 'true' }
  const cli = new Cli(
    args.map((arg) => (arg === '8080' ? '0' : arg)),
    { ...environment, ...replaced, ...alone }
  )
  const { clients, metrics } = await cli.logged('listening')
  const port = new URL(String(clients)).port
  const admin = String(metrics).replace('/metrics', '').replace('0.0.0.0', '127.0.0.1')
  return { cli, ws: `ws://127.0.0.1:${port}`, admin }
}

test('each server has a port of its own, the one that it names to the others’ clients', () => {
  const ports = Object.values(servers).map((service) => {
    expect(commandOf(service).join(' ')).toBe('swarmway proxy --host 0.0.0.0 --port 8080')
    const outside = portsOf(service).get('8080')
    expect(service.environment?.['SWARMWAY_PROXY_FLEET_URL']).toBe(`ws://localhost:${outside}/`)
    return outside
  })
  expect(new Set(ports).size).toBe(3)
})

// They were on the container's loopback address, where nobody reached them.
test('the status pages and the metrics are reached from this machine, and from no other', () => {
  const ports = Object.values(servers).map((service) => {
    const { SWARMWAY_PROXY_ADMIN_HOST: host, SWARMWAY_PROXY_STATUS: status } = service.environment ?? {}
    expect([host, status]).toEqual(['0.0.0.0', 'true'])
    return portsOf(service).get(String(DEFINITIONS.adminPort.fallback))
  })
  expect(ports).toEqual(['127.0.0.1:9081', '127.0.0.1:9082', '127.0.0.1:9083'])
})

// It installed packages at each start: a crashed server did not return without the npm registry.
test('a server starts from an image, and has time to drain', () => {
  for (const service of Object.values(servers)) {
    expect([service.build, service.image]).toEqual(['../deploy', undefined])
    expect(Number.parseInt(service.stop_grace_period ?? '', 10)).toBeGreaterThan(5 + 3)
  }
})

test('the broker is a service, and the secret is the file that the page has people make, which git ignores', () => {
  expect(brokerService?.image).toMatch(/^nats:/)
  const [one] = Object.values(servers)
  expect(one?.environment?.['SWARMWAY_PROXY_FLEET']).toBe('nats://broker:4222')
  const name = one?.environment?.['SWARMWAY_PROXY_FLEET_SECRET_FILE']?.replace('/run/secrets/', '') ?? ''
  expect(one?.secrets).toEqual([name])
  expect(compose.secrets[name]?.file).toBe('./fleet-secret')
  const read = (path: string) => readFileSync(new URL(path, FOLDER), 'utf8')
  expect(read('../../../docs/fleet.md')).toContain('openssl rand -base64 24 > fleet-secret')
  expect(read('../../../.gitignore').split('\n')).toContain('examples/recipes/fleet/fleet-secret')
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
    expect(warnings).toEqual(started.map(() => [open, 'anyone who can reach 0.0.0.0 may read the metrics']))
    const [first] = started
    first?.cli.signal('SIGTERM')
    await first?.cli.logged('draining')
    expect(await first?.cli.end()).toBe(0)
  })
})
