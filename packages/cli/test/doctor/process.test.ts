import { expect, test } from 'vitest'
import { httpProxy } from '../../../proxy-client/test/support/http.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { run, start } from '../support/command.js'
import { NO_DHT, useNetwork } from '../support/net.js'

const network = useNetwork()

test('a working DHT, NAT and proxy server', async () => {
  const { native, proxy } = network()
  const { code, stderr, stdout } = await run(['doctor', ...native, '--proxy', await proxy()])
  expect(code).toBe(EXIT.ok)
  expect(stderr).toBe('')
  const lines = stdout.toString().trim().split('\n')
  expect(lines).toHaveLength(7)
  for (const line of lines.slice(0, 5)) expect(line).toMatch(/^ok {4}/)
  expect(lines[1]).toContain('127.0.0.1')
  expect(lines[4]).toMatch(/\d ms round trip, [\d.]+ [kMG]B per second/)
  expect(lines[5]).toMatch(/^note {2}Direct paths .* it has no STUN port/)
})

test('an unreachable DHT alone is a failure, but not with a working proxy server; --json says the same', async () => {
  const url = await network().proxy()
  const [alone, beside] = await Promise.all([
    run(['doctor', ...NO_DHT]),
    run(['doctor', ...NO_DHT, '--json', '--proxy', url])
  ])
  expect(alone).toMatchObject({ code: EXIT.unreachable, stderr: expect.stringContaining('One check failed') })
  expect(alone.stdout.toString()).toMatch(/^fail {2}No node of the DHT answers over UDP\.\n {6}Check that this machine/)
  expect(beside.code).toBe(EXIT.ok)
  const { findings, healthy } = JSON.parse(beside.stdout.toString())
  expect(healthy).toBe(false)
  expect(findings.map(({ check, level }: { check: string; level: string }) => `${check} ${level}`)).toEqual([
    'dht fail',
    'proxy ok',
    'proxy ok',
    'proxy ok',
    'direct note'
  ])
  expect(findings[3].data.bytesPerSecond).toBeGreaterThan(0)
})

test('a proxy server that refuses us, one that does not exist, and one without a DHT', async () => {
  const { native, proxy } = network()
  const [closed, lonely] = [await proxy({ authenticate: async () => false }), await proxy({ dht: null })]
  const [denied, missing, alone] = await Promise.all([
    run(['doctor', ...native, '--proxy', closed]),
    run(['doctor', ...native, '--proxy', 'ws://127.0.0.1:9']),
    run(['doctor', ...native, '--proxy', lonely])
  ])
  expect(denied).toMatchObject({ code: EXIT.denied })
  expect(denied.stdout.toString()).toContain('refuses us')
  expect(missing).toMatchObject({ code: EXIT.unreachable })
  expect(missing.stdout.toString()).toContain('could not be reached')
  expect(alone).toMatchObject({ code: EXIT.ok })
  expect(alone.stdout.toString()).toMatch(/^note {2}It has no DHT/m)
})

test('Ctrl-C stops it midway', async () => {
  const { native } = network()
  const running = start([
    'doctor',
    ...native,
    '--proxy',
    await network().proxy({ authenticate: () => new Promise(() => {}) })
  ])
  // The findings about the DHT, whatever they are; the proxy server never answers.
  await running.prints('\n')
  expect(await running.kill('SIGINT').outcome()).toMatchObject({ code: EXIT.interrupted })
})

test('an HTTP proxy of the environment is used and named, and its faults are not the server’s', async () => {
  const { native, proxy } = network()
  const server = new URL(await proxy())
  const working = await httpProxy(Number(server.port))
  const refusing = await httpProxy(Number(server.port), 407)
  const args = ['doctor', ...native, '--json', '--proxy', 'ws://server.invalid']
  const environment = (url: string) => ({ HTTP_PROXY: url.replace('//', '//me:secret@'), NO_PROXY: 'other.invalid' })
  const [through, refused, direct] = await Promise.all([
    start(args, environment(working.url)).outcome(),
    start(args, environment(refusing.url)).outcome(),
    start(['doctor', ...native, '--proxy', server.href], { HTTP_PROXY: refusing.url, NO_PROXY: '127.0.0.1' }).outcome()
  ])
  const { findings } = JSON.parse(through.stdout.toString())
  expect(through.code).toBe(EXIT.ok)
  expect(findings[2]).toMatchObject({ text: expect.stringContaining(working.url), data: { httpProxy: working.url } })
  expect(refused.code).toBe(EXIT.unreachable)
  const [, , failure] = JSON.parse(refused.stdout.toString()).findings
  expect(failure).toMatchObject({ text: expect.stringContaining('407'), hint: expect.stringContaining('HTTPS_PROXY') })
  expect(`${through.stdout}${refused.stdout}${refused.stderr}`).not.toContain('secret')
  expect(direct.code).toBe(EXIT.ok)
})
