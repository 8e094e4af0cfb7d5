import { expect, test } from 'vitest'
import { resolveSettings } from '../../src/proxy/config/resolve.js'
import { DEFINITIONS, SETTING_NAMES } from '../../src/proxy/config/settings.js'
import { settingLines, settingsRecord } from '../../src/proxy/config/show.js'
import { CliError } from '../../src/shared/errors/cli-error.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { colorsFor } from '../../src/shared/terminal/colors.js'
import { file } from './support/files.js'

interface Places {
  flags?: Record<string, unknown>
  env?: NodeJS.ProcessEnv
  file?: unknown
}

function resolve({ env = {}, file: values, flags = {} }: Places) {
  const config = values === undefined ? {} : { config: file('proxy.json', JSON.stringify(values)) }
  return resolveSettings({ flags: { ...config, ...flags }, env, folder: '/etc/swarmway' })
}

async function refusal(places: Places): Promise<CliError> {
  const error = await resolve(places).catch((caught: unknown) => caught)
  if (error instanceof CliError) return error
  throw new Error('it was not refused')
}

test('a flag overrides the environment, which overrides the file, which overrides the default', async () => {
  const all = { flags: { port: '1' }, env: { SWARMWAY_PROXY_PORT: '2' }, file: { port: 3 } }
  const find = async (places: Places) => {
    const { origins, settings } = await resolve(places)
    return [settings.port, origins.port.replace(/ in .*/, ' in file')]
  }
  expect(await find(all)).toEqual([1, '--port'])
  expect(await find({ ...all, flags: {} })).toEqual([2, 'SWARMWAY_PROXY_PORT'])
  expect(await find({ file: all.file })).toEqual([3, 'port in file'])
  expect(await find({})).toEqual([8080, 'default'])
})

test('the environment can name the file, and an empty variable counts as none', async () => {
  const config = file('proxy.json', '{ "workers": 3 }')
  const { settings } = await resolve({ env: { SWARMWAY_PROXY_CONFIG: config, SWARMWAY_PROXY_WORKERS: '' } })
  expect(settings.workers).toBe(3)
})

test('the defaults are safe: this machine only, metrics apart, nothing trusted, nothing shown', async () => {
  const { settings } = await resolve({})
  expect(settings).toMatchObject({
    host: '127.0.0.1',
    adminHost: '127.0.0.1',
    tcpPort: null,
    stunPort: null,
    stunHost: null,
    status: false,
    name: [],
    behindProxy: [],
    allowPrivateAddresses: false,
    logAddresses: false,
    workers: 1
  })
})

test('every setting can be given in each of the three places', async () => {
  const samples: Record<string, unknown> = {
    cert: '/a.pem',
    key: '/k.pem',
    tokenFile: '/t',
    host: '::1',
    adminHost: '::1',
    dhtHost: '::1',
    stunHost: '::1',
    path: '/swarm',
    origins: 'https://app.example',
    name: 'proxy.example:8443',
    behindProxy: '10.0.0.0/8',
    limits: 'maxClients=2',
    bootstrap: '127.0.0.1:5',
    fleet: 'nats://broker.example',
    fleetUrl: 'wss://a.proxy.example/',
    fleetSecretFile: '/s',
    fleetCreds: '/c',
    fleetCa: '/ca.pem',
    fleetCert: '/c.pem',
    fleetKey: '/k.pem',
    logLevel: 'debug'
  }
  const pairs: Record<string, object> = {
    cert: { key: '/k.pem' },
    key: { cert: '/a.pem' },
    fleetCert: { fleetKey: '/k.pem' },
    fleetKey: { fleetCert: '/a.pem' }
  }
  for (const name of SETTING_NAMES) {
    const value = samples[name] ?? (typeof DEFINITIONS[name].fallback === 'boolean' ? 'true' : '7')
    const fleet = name.startsWith('fleet') ? { fleet: samples['fleet'] } : {}
    const given = { ...fleet, ...pairs[name], [name]: value }
    const variable = (key: string) => `SWARMWAY_PROXY_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`
    const env = Object.fromEntries(Object.entries(given).map(([key, one]) => [variable(key), String(one)]))
    const results = await Promise.all([resolve({ flags: given }), resolve({ env }), resolve({ file: given })])
    for (const { origins, settings } of results) {
      expect(settings[name], name).not.toEqual(DEFINITIONS[name].fallback)
      expect(settings[name], name).toEqual(results[0].settings[name])
      expect(origins[name], name).not.toBe('default')
    }
  }
})

test('a file may have JSON values as well as text', async () => {
  const limits = { maxClients: 5, maxKeys: 2 }
  const { settings } = await resolve({
    file: { limits, origins: ['https://a.example', 'https://b.example'], status: true, tcpPort: 'off' }
  })
  expect(settings).toMatchObject({ limits, origins: ['https://a.example', 'https://b.example'], status: true })
  expect(settings.tcpPort).toBeNull()
})

test('a path in a file is relative to the file, one in a flag to the folder', async () => {
  const config = file('proxy.json', '{ "tokenFile": "tokens.txt" }')
  const fromFile = await resolve({ flags: { config } })
  const fromFlag = await resolve({ flags: { tokenFile: 'tokens.txt' } })
  expect(fromFile.settings.tokenFile).toBe(config.replace('proxy.json', 'tokens.txt'))
  expect(fromFlag.settings.tokenFile).toBe('/etc/swarmway/tokens.txt')
})

test('a flag overrides the file', async () => {
  const { settings } = await resolve({
    flags: { status: false, behindProxy: 'false' },
    file: { status: true, behindProxy: true }
  })
  expect(settings.status).toBe(false)
  expect(settings.behindProxy).toEqual([])
})

test('repeated flags and commas are the same list', async () => {
  const { settings } = await resolve({ flags: { limits: ['maxClients=5,maxKeys=3', 'maxDials=1'] } })
  expect(settings.limits).toEqual({ maxClients: 5, maxKeys: 3, maxDials: 1 })
})

test('addresses, origins and paths are read the way people write them', async () => {
  const { settings } = await resolve({
    flags: {
      bootstrap: ['a.example:1,192.0.2.1@b.example:2'],
      origins: ['https://App.example/'],
      path: 'swarm',
      behindProxy: true
    }
  })
  expect(settings.bootstrap).toEqual([
    { host: 'a.example', port: 1 },
    { host: '192.0.2.1@b.example', port: 2 }
  ])
  expect(settings.origins).toEqual(['https://app.example'])
  expect(settings.path).toBe('/swarm')
  expect(settings.behindProxy).toEqual(['loopback'])
})

test.each<[string, Places, RegExp, RegExp?]>([
  ['an invalid port', { flags: { port: '80800' } }, /^--port must be a whole number from 0 to 65535, not '80800'\.$/],
  ['text for a number', { env: { SWARMWAY_PROXY_WORKERS: 'many' } }, /^SWARMWAY_PROXY_WORKERS must be a whole number/],
  [
    'a number beyond the range',
    { file: { workers: 0 } },
    /^workers in .*proxy\.json must be .* from 1 to 256, not 0\.$/
  ],
  ['an unknown key', { file: { prot: 1 } }, /sets 'prot', which does not exist/, /^Did you mean port/],
  ['an unknown limit', { flags: { limits: ['maxClient=1'] } }, /^--limits has no limit 'maxClient'/, /mean maxClients/],
  ['a limit unlike any other', { flags: { limits: ['zzz=1'] } }, /no limit 'zzz'/, /lists all limits/],
  ['a limit without a value', { flags: { limits: ['maxClients'] } }, /must be like maxClients=50/],
  ['a limit that is not a number', { flags: { limits: ['maxClients=all'] } }, /must give maxClients a whole number/],
  ['an unknown level', { flags: { logLevel: 'loud' } }, /must be one of silent, error, warn, info, debug/],
  [
    'an origin with a path',
    { flags: { origins: ['https://a.example/app'] } },
    /like https:\/\/app\.example/,
    /without a path/
  ],
  ['a name that is a web address', { flags: { name: ['https://a.example'] } }, /must be like proxy\.example/],
  ['a bootstrap node without a port', { flags: { bootstrap: ['a.example'] } }, /must be like dht\.example:49737/],
  ['a bootstrap node with an invalid port', { flags: { bootstrap: ['a.example:99999'] } }, /not 'a\.example:99999'/],
  ['a bootstrap node on IPv6, which HyperDHT lacks', { flags: { bootstrap: ['[::1]:2'] } }, /not '\[::1\]:2'/],
  [
    'a neighbour that is not an address',
    { flags: { behindProxy: 'nginx' } },
    /must be addresses or networks/,
    /loopback/
  ],
  [
    'another word instead of true or false',
    { env: { SWARMWAY_PROXY_STATUS: 'maybe' } },
    /must be true or false, not 'maybe'/
  ],
  ['half a pair', { flags: { cert: 'a.pem' } }, /--cert and --key go together/],
  ['a name in no fleet', { flags: { fleetName: 'one' } }, /--fleet-name needs --fleet/],
  ['a port in no fleet', { env: { SWARMWAY_PROXY_FLEET_PORT: '7000' } }, /--fleet-port needs --fleet/],
  ['a page without a port', { flags: { status: true, adminPort: 'off' } }, /--status needs the admin port/],
  [
    'workers that cannot tell their clients the STUN port',
    { flags: { stunPort: '0', workers: '2' } },
    /works with one worker/
  ],
  ['workers that cannot meet', { flags: { rendezvousOnly: true, workers: '2' } }, /works with one worker/],
  ['a variable of Kubernetes', { env: { SWARMWAY_PROXY_PORT: 'tcp://10.0.0.1:80' } }, /must be/, /enableServiceLinks/],
  ['a file that is a list', { file: [] }, /must be a JSON object/]
])('refused with a sentence: %s', async (_, places, sentence, hint = /|/) => {
  const error = await refusal(places)
  expect(error.message).toMatch(sentence)
  expect(error.message).toMatch(/\.$/)
  expect(error.hint ?? '').toMatch(hint)
  expect(error.exitCode).toBe(EXIT.usage)
})

test('a missing file, and one that is not JSON', async () => {
  expect((await refusal({ flags: { config: '/no/such/file' } })).exitCode).toBe(EXIT.unusable)
  const broken = await refusal({ flags: { config: file('proxy.json', '{ port: 1 }') } })
  expect(broken.message).toMatch(/is not JSON/)
})

test('unknown variables that look like ours are reported', async () => {
  const { unknownVariables } = await resolve({ env: { SWARMWAY_PROXY_PROT: '1', SWARMWAY_PROXY_PORT: '1' } })
  expect(unknownVariables).toEqual(['SWARMWAY_PROXY_PROT'])
})

test('settings are shown with their sources', async () => {
  const resolved = await resolve({ flags: { port: '1' }, env: { SWARMWAY_PROXY_LIMITS: 'maxClients=5' } })
  const lines = settingLines(resolved, colorsFor({}, {}))
  expect(lines).toHaveLength(SETTING_NAMES.length)
  expect(lines.map((line) => line.trim().replace(/ +/g, ' '))).toEqual(
    expect.arrayContaining(['port 1 --port', 'limits maxClients=5 SWARMWAY_PROXY_LIMITS', 'host 127.0.0.1 default'])
  )
  expect(settingsRecord(resolved)).toEqual({ port: '1 (--port)', limits: 'maxClients=5 (SWARMWAY_PROXY_LIMITS)' })
})
