import { ProxyError } from '@swarmway/proxy-client'
import { Command } from 'commander'
import { expect, onTestFinished, test } from 'vitest'
import { generateName, givenName, meetingOf } from '../../../src/shared/names/secret-name.js'
import { openNetwork } from '../../../src/shared/network/open.js'
import { addNetworkOptions } from '../../../src/shared/network/options.js'
import { linkError } from '../../../src/shared/network/reach.js'
import { formatBytes, formatDuration } from '../../../src/shared/terminal/format.js'
import { startProxy } from '../../proxy/support/proxy.js'

function parse(args: string[]): Record<string, unknown> {
  return addNetworkOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }))
    .parse(args, { from: 'user' })
    .opts()
}

test('network options add up, and bad ones are named', () => {
  const args = ['--proxy', 'wss://a.example', '--proxy', 'ws://b.example:8080/x', '--token', 't']
  expect(parse(args)).toEqual({ proxy: ['wss://a.example', 'ws://b.example:8080/x'], token: 't' })
  expect(parse(['--bootstrap', 'dht.example:1,192.0.2.1:65535'])).toEqual({
    bootstrap: ['dht.example:1', '192.0.2.1:65535']
  })
  for (const bad of ['a', 'a:', 'a:0', 'a:65536', 'a:x', ':1', 'a b:1', 'a:1:1', '1.2.3:1', '[::1]:1'])
    expect(() => parse(['--bootstrap', bad])).toThrow(/host/)
  for (const bad of ['wss://', 'http://a', 'ws:/a', 'x']) expect(() => parse(['--proxy', bad])).toThrow(/URL/)
})

test('a name means the same topic and group everywhere, and different ones for another purpose', async () => {
  const [one, same, chat, other] = await Promise.all([
    meetingOf('ñame', 'pipe'),
    meetingOf(' n\u0303ame ', 'pipe'),
    meetingOf('ñame', 'chat'),
    meetingOf('name', 'pipe')
  ])
  const of = ({ group, topic }: typeof one) =>
    [group.publicKey, topic].map((bytes) => Buffer.from(bytes).toString('hex'))
  expect(of(same)).toEqual(of(one))
  expect(new Set([one, chat, other].flatMap(of)).size).toBe(6)
  // Peers on other machines have to find this: changing the derivation changes the protocol.
  expect(of(one)[1]).toMatchInlineSnapshot(`"bba3ebbec550399640ba122c7d388843093e1624c4d41d8f7b5eeb13930ebc8a"`)
})

test('generated names are long and never repeat', () => {
  const names = Array.from({ length: 100 }, generateName)
  expect(new Set(names).size).toBe(100)
  for (const name of names) expect(name).toMatch(/^[ybndrfg8ejkmcpqxot1uwisza345h769]{24}$/)
})

test('bytes and durations for people', () => {
  const bytes = [0, 999, 1000, 999_949, 999_950, 20_000_000, 3e15].map(formatBytes)
  expect(bytes).toEqual(['0 B', '999 B', '1.0 kB', '999.9 kB', '1.0 MB', '20.0 MB', '3000.0 TB'])
  const durations = [0, 59_000, 61_000, 3_600_000, 90_000_000].map(formatDuration)
  expect(durations).toEqual(['0 s', '59 s', '1 min 1 s', '1 h 0 min', '25 h 0 min'])
})

test('a proxy server known by another name, which therefore lets nobody dial us, is reported', async () => {
  const { ws } = await startProxy({ name: 'proxy.example' })
  const lost: string[] = []
  const network = await openNetwork({ proxy: [ws] }, {}, { onKeyLost: ({ message }) => lost.push(message) })
  onTestFinished(() => network.destroy())
  await expect(network.swarm.listen()).rejects.toMatchObject({ code: 'WRONG_SERVER' })
  expect(lost).toEqual([expect.stringContaining('proxy.example')])
})

test('an error does not reveal the secrets in the URL of a proxy server', () => {
  const error = new ProxyError('LINK_CLOSED', 'could not reach the proxy server: refused')
  const { message } = linkError(error, ['wss://me:secret@proxy.example:8443/swarm?token=secret#secret'])
  expect(message).toBe('The proxy server wss://proxy.example:8443/swarm could not be reached: refused.')
})

test('a name may come from the environment, where other users do not see it; the one on the command line wins', () => {
  const env = { SWARMWAY_NAME: 'from the environment' }
  expect(givenName(undefined, env)).toBe('from the environment')
  expect(givenName('typed', env)).toBe('typed')
  expect(givenName(undefined, { SWARMWAY_NAME: '' })).toBeUndefined()
  expect(givenName(undefined, {})).toBeUndefined()
})
