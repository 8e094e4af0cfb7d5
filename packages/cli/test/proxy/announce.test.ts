import { expect, test } from 'vitest'
import { announcePorts, announceSettings, audienceOf } from '../../src/proxy/announce.js'
import { resolveSettings } from '../../src/proxy/config/resolve.js'
import { createLog } from '../../src/proxy/server/log.js'

const PORTS = { port: 1, tcpPort: 2, adminPort: 3, stunPort: null }

/** What is announced about these settings on a terminal, or without one. */
async function announced(flags: Record<string, unknown>, isTTY: boolean) {
  const said = { log: [] as string[], terminal: '' }
  const resolved = await resolveSettings({ flags, env: {}, folder: '/' })
  const log = createLog(resolved.settings, null, { write: (line) => said.log.push(JSON.parse(line).msg) })
  const write = (text: string) => {
    said.terminal += text
    return true
  }
  const output = { isTTY, write }
  const audience = audienceOf(log, { stdout: output, stderr: output })
  announceSettings(resolved, audience)
  announcePorts(resolved.settings, { ports: PORTS, stop: () => Promise.resolve() }, audience)
  return said
}

test('a terminal gets a table and the addresses, and the log gets neither', async () => {
  const { log, terminal } = await announced({ host: '::1', cert: '/c', key: '/k', status: true }, true)
  expect(terminal).toMatch(/^Settings:\n/)
  expect(terminal).toMatch(/tokenFile +- +default/)
  expect(terminal).toContain(
    'clients: wss://[::1]:1\ntcp:     tcp://[::1]:2\nmetrics: http://127.0.0.1:3/metrics\nstatus:  http://127.0.0.1:3/\n'
  )
  expect(log).toEqual([])
})

test('without a terminal everything is in the log', async () => {
  const { log, terminal } = await announced({}, false)
  expect(terminal).toBe('')
  expect(log).toEqual(['settings that are not defaults', 'listening'])
})

test.each<[string, Record<string, unknown>, RegExp | null]>([
  ['this machine only', {}, null],
  ['a server open to everyone', { host: '0.0.0.0' }, /--token-file restricts it/],
  ['tokens without TLS', { host: '::', tokenFile: '/t' }, /tokens arrive unencrypted/],
  ['tokens with TLS', { host: '::', tokenFile: '/t', cert: '/c', key: '/k' }, null],
  ['tokens behind a proxy that does TLS', { host: '10.0.0.1', tokenFile: '/t', behindProxy: '10.0.0.2' }, null],
  ['metrics for all', { adminHost: '0.0.0.0' }, /may read the metrics/],
  ['no metrics at all', { adminHost: '0.0.0.0', adminPort: 'off' }, null],
  ['STUN where a reverse proxy is in front', { behindProxy: true, stunPort: '3478' }, /--stun-host/],
  ['tokens over plain TCP', { host: '::', tokenFile: '/t', cert: '/c', key: '/k', tcpPort: '1' }, /on the TCP port/]
])('a warning, or none: %s', async (_, flags, warning) => {
  const { log } = await announced(flags, true)
  expect(log).toEqual(warning === null ? [] : [expect.stringMatching(warning)])
})
