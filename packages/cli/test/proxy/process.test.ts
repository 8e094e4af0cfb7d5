import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { Cli } from './support/cli.js'
import { file } from './support/files.js'
import { client } from './support/proxy.js'
import { silentWebSocket } from './support/raw-http.js'

const ALONE = ['--port', '0', '--admin-port', '0', '--rendezvous-only']

test.each(['SIGTERM', 'SIGINT'] as const)(
  'it starts, serves, and on %s says goodbye to its clients and exits with 0',
  async (signal) => {
    const cli = new Cli(['proxy', ...ALONE])
    const { clients } = await cli.logged('listening')
    expect((await fetch(`${String(clients).replace('ws', 'http')}/health`)).status).toBe(200)
    // A client that comes back while the ports close is denied, and that is logged.
    const swarm = client(String(clients), { reconnectMinMs: 60_000, reconnectMaxMs: 60_000 })
    await until('a link', () => swarm.connected)
    cli.signal(signal)
    await until('the goodbye', () => swarm.told.disconnected.includes('SERVER_CLOSING'))
    expect(await cli.end()).toBe(0)
    expect(cli.log.map(({ msg }) => msg)).toEqual([
      'settings that are not defaults',
      'listening',
      'client connected',
      'draining',
      'client left',
      'ended'
    ])
    expect(cli.stdout.split('\n').slice(0, -1)).toHaveLength(cli.log.length)
    expect(cli.stderr).toBe('')
  }
)

test('a second signal stops it at once', async () => {
  const cli = new Cli(['proxy', ...ALONE])
  const { clients } = await cli.logged('listening')
  await silentWebSocket(Number(new URL(String(clients)).port))
  cli.signal('SIGTERM')
  await cli.logged('draining')
  cli.signal('SIGTERM')
  expect(await cli.end()).toBe(130)
  expect(cli.log.at(-1)?.msg).toBe('stopped at once')
})

test('settings from flags, environment and file are logged at the start, the tokens themselves never', async () => {
  const token = 'a-token-that-nobody-may-see'
  const tokenFile = file('tokens', token)
  const config = file('proxy.json', JSON.stringify({ tokenFile, graceMs: 9 }))
  const env = { SWARMWAY_PROXY_DRAIN_MS: '100', SWARMWAY_PROXY_CONFIG: config }
  const cli = new Cli(['proxy', ...ALONE], env)
  const { settings } = await cli.logged('settings that are not defaults')
  await cli.logged('listening')
  expect(settings).toMatchObject({
    port: '0 (--port)',
    drainMs: '100 (SWARMWAY_PROXY_DRAIN_MS)',
    graceMs: `9 (graceMs in ${config})`
  })
  await cli.end('SIGTERM')
  expect(cli.stdout + cli.stderr).not.toContain(token)
})

test('a server open to everyone gets a warning, and so does a misspelt variable', async () => {
  const open = ['--host', '0.0.0.0', '--admin-host', '0.0.0.0']
  const cli = new Cli(['proxy', ...ALONE, ...open], { SWARMWAY_PROXY_PROT: '1' })
  await cli.logged('listening')
  const warnings = cli.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg)
  expect(warnings).toEqual([
    expect.stringContaining('anyone who can reach 0.0.0.0 may use this server'),
    expect.stringContaining('may read the metrics'),
    expect.stringContaining('SWARMWAY_PROXY_PROT')
  ])
  await cli.end('SIGTERM')
})

test.each<[string, string[], number, string]>([
  ['an unknown option', ['proxy', '--prot', '1'], 2, "error: Unknown option '--prot'.\nhint:  Did you mean --port?\n"],
  ['a bad value', ['proxy', '--port', 'x'], 2, "error: --port must be a whole number from 0 to 65535, not 'x'.\n"],
  ['a missing value', ['proxy', '--port'], 2, 'error: --port needs a value.\n'],
  ['too many arguments', ['proxy', 'now'], 2, "error: Too many arguments for 'proxy'."],
  [
    'a missing file',
    ['proxy', '--config', '/no/file'],
    6,
    'error: The configuration file /no/file cannot be read (ENOENT).\n'
  ]
])('bad input is one sentence on standard error: %s', async (_, args, exitCode, stderr) => {
  const cli = new Cli(args)
  expect(await cli.end()).toBe(exitCode)
  expect(cli.stderr.startsWith(stderr), cli.stderr).toBe(true)
  expect(cli.stdout).toBe('')
})

test('--help lists every setting and every limit, and --version is the version', async () => {
  const [help, version] = [new Cli(['proxy', '--help']), new Cli(['--version'])]
  expect([await help.end(), await version.end()]).toEqual([0, 0])
  for (const word of ['--token-file', '--behind-proxy', '--drain-ms', 'maxClients=1000', 'Examples:'])
    expect(help.stdout).toContain(word)
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('it ends quietly if its output is closed', async () => {
  const cli = new Cli(['proxy', '--help'])
  cli.child.stdout?.destroy()
  expect(await cli.end()).toBe(0)
  expect(cli.stderr).toBe('')
})
