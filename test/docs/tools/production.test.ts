/** The files of docs/production are valid for the programs that read them, and do what docs/production.md says. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandsOf } from '../../../scripts/docs/check/shell.ts'
import { faultOfSwarmway } from '../../../scripts/docs/check/swarmway.ts'
import { ROOT } from '../../../scripts/docs/root.ts'
import { freePort, Place } from '../support/sample.ts'
import { startProgram } from './support/program.ts'
import { Site, TOKEN } from './support/site.ts'
import { runTool } from './support/tool.ts'

const SERVICE = join(ROOT, 'docs/production/swarmway-proxy.service')

test('systemd accepts the unit, and the drop-in for TLS', () => {
  expect(runTool('systemd-analyze', ['verify', SERVICE], 'systemd')).toBe('')
  const site = new Site()
  mkdirSync(join(site.folder, 'swarmway-proxy.service.d'))
  const unit = site.copy('swarmway-proxy.service')
  site.write('swarmway-proxy.service.d/own-tls.conf', readFileSync(site.copy('own-tls.conf'), 'utf8'))
  expect(runTool('systemd-analyze', ['verify', unit], 'systemd')).toBe('')
})

test('systemd rejects an invalid unit', () => {
  const unit = new Site().copy('swarmway-proxy.service', { 'Restart=on-failure': 'Restart=sometimes' })
  expect(runTool('systemd-analyze', ['verify', unit], 'systemd')).toContain('sometimes')
})

test('the unit starts a command that exists', () => {
  const [, command = ''] = /^ExecStart=(.*)$/m.exec(readFileSync(SERVICE, 'utf8')) ?? []
  const [[env, program, ...args] = []] = commandsOf(command)
  expect([env, program]).toEqual(['/usr/bin/env', 'swarmway'])
  expect(faultOfSwarmway(args)).toBe(null)
})

test('through nginx: a client greets a native peer', async () => {
  const { place, port, site } = await startProxy()
  const tlsPort = await freePort()
  const conf = site.copy('nginx.conf', {
    'listen 443 ssl': `listen 127.0.0.1:${tlsPort} ssl`,
    'listen [::]:443 ssl;': '',
    '/etc/ssl/proxy.example/fullchain.pem': site.cert,
    '/etc/ssl/proxy.example/privkey.pem': site.key,
    '127.0.0.1:8080': `127.0.0.1:${port}`
  })
  const main = site.write('main.conf', nginxAround(conf))
  const args = ['-p', site.folder, '-c', main, '-e', join(site.folder, 'error.log')]
  runTool('nginx', ['-t', ...args], 'nginx')
  await startProgram(tlsPort, ['nginx', ...args])
  await greetThrough(place, site, `wss://localhost:${tlsPort}/swarm`)
})

test('through Caddy: a client greets a native peer', async () => {
  const { place, port, site } = await startProxy()
  const tlsPort = await freePort()
  runTool('caddy', ['validate', '--adapter', 'caddyfile', '--config', site.copy('Caddyfile')], 'caddy')
  const options = '{\n\tadmin off\n\tauto_https disable_redirects\n}'
  const conf = site.copy('Caddyfile', {
    'proxy.example {': `${options}\nlocalhost:${tlsPort} {\n\ttls ${site.cert} ${site.key}`,
    '127.0.0.1:8080': `127.0.0.1:${port}`
  })
  const folders = { XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder }
  await startProgram(tlsPort, ['caddy', 'run', '--adapter', 'caddyfile', '--config', conf], { env: folders })
  await greetThrough(place, site, `wss://localhost:${tlsPort}/swarm`)
})

test('TLS in the server itself: a client greets a native peer', async () => {
  const { place, port, site } = await startProxy('own-tls.json')
  await greetThrough(place, site, `wss://localhost:${port}/swarm`)
})

/** Starts `swarmway proxy` with a configuration from the page, adapted to this machine. */
async function startProxy(config = 'proxy.json') {
  const [place, site, port] = [await Place.open(), new Site(), await freePort()]
  const here = ['--host', '127.0.0.1', '--port', String(port), '--admin-port', '0', '--token-file', site.tokens]
  const tls = config === 'own-tls.json' ? ['--cert', site.cert, '--key', site.key] : []
  const dht = ['--bootstrap', place.bootstrap, '--dht-host', '127.0.0.1']
  const command = [process.execPath, CLI, 'proxy', '--config', site.copy(config, NAMELESS)]
  await startProgram(port, [...command, ...here, ...tls, ...dht])
  return { place, port, site }
}

/** In the tests the server has another name, with a port that is not known yet. */
const NAMELESS = { '  "name": ["proxy.example"],\n': '' }

const CLI = join(ROOT, 'packages/cli/dist/main.js')

/** The client of the README, with a token and our certificate, and the native peer of the README. */
async function greetThrough(place: Place, site: Site, url: string): Promise<void> {
  const native = place.run('readme-native')
  const server = "websocket('ws://localhost:8080')"
  const replace = { [server]: `websocket('${url}'), auth: '${TOKEN}'` }
  place.run('readme-client', { replace, env: { NODE_EXTRA_CA_CERTS: site.cert } })
  await native.line(/^they say: hello from behind the proxy$/)
}

/** The file is meant to be included: here in a configuration like Debian's own, except for paths. */
function nginxAround(conf: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`)
  return `daemon off; pid nginx.pid; events {} http { access_log off; ${paths.join(' ')} include ${conf}; }`
}
