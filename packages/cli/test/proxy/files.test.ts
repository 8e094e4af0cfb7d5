import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { expect, test } from 'vitest'
import { createWebSocketStream, WebSocket } from 'ws'
import { until } from '../../../runtime/test/support/until.js'
import { LOOK_MS } from '../../src/proxy/server/file-watch.js'
import { Tokens } from '../../src/proxy/server/tokens.js'
import { certificate, file, folder } from './support/files.js'
import { client, startProxy } from './support/proxy.js'

const OLD = 'an-old-token-of-length'
const NEW = 'a-new-token-of-length'

/** Advances the clock of the watches until this was logged. */
async function look(proxy: Awaited<ReturnType<typeof startProxy>>, message: string): Promise<void> {
  await until('the next look', () => proxy.clock.liveTimers > 0)
  await proxy.clock.advance(LOOK_MS)
  await until(message, () => proxy.log.some(({ msg }) => msg === message))
}

/** The name in the certificate that the server shows. */
function shownName(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

test('a token in the file is accepted; a missing or different one is not', async () => {
  const proxy = await startProxy({ tokenFile: file('tokens', `# of the team\n\n  ${OLD}  \n`) })
  const [right, wrong, none] = [client(proxy.ws, { auth: OLD }), client(proxy.ws, { auth: NEW }), client(proxy.ws)]
  await until('the right one', () => right.connected)
  await until('two denials', () => wrong.told.disconnected.length + none.told.disconnected.length === 2)
  expect([...wrong.told.disconnected, ...none.told.disconnected]).toEqual(['AUTH_DENIED', 'AUTH_DENIED'])
})

test('tokens are reloaded when the file changes; connected clients stay', async () => {
  const tokenFile = file('tokens', OLD)
  const proxy = await startProxy({ tokenFile })
  const inside = client(proxy.ws, { auth: OLD })
  await until('a link', () => inside.connected)
  writeFileSync(tokenFile, NEW)
  await look(proxy, 'token file reloaded')
  const [late, fresh] = [client(proxy.ws, { auth: OLD }), client(proxy.ws, { auth: NEW })]
  await until('the new token', () => fresh.connected)
  await until('the old token', () => late.told.disconnected.includes('AUTH_DENIED'))
  expect(inside.connected).toBe(true)
})

test.each([
  ['is empty', (path: string) => writeFileSync(path, '')],
  ['is gone', (path: string) => rmSync(path)],
  ['has a token that can be guessed', (path: string) => writeFileSync(path, `${NEW}\nshort`)]
])('a new token file that %s is logged, once, and the old tokens stay', async (_, spoil) => {
  const tokenFile = file('tokens', OLD)
  const proxy = await startProxy({ tokenFile })
  spoil(tokenFile)
  await look(proxy, 'new token file rejected, the old one stays')
  await until('the next look', () => proxy.clock.liveTimers > 0)
  await proxy.clock.advance(LOOK_MS)
  await until('the look after', () => proxy.clock.liveTimers > 0)
  expect(proxy.log.filter(({ level }) => level === 'error')).toHaveLength(1)
  const swarm = client(proxy.ws, { auth: OLD })
  await until('a link', () => swarm.connected)
})

test('no message reveals a token', () => {
  const secret = 'secret'
  expect(() => new Tokens(`${OLD}\n${secret}`)).toThrow(/^line 2 is not 16 characters/)
  expect(() => new Tokens(secret)).not.toThrow(secret)
  expect(() => new Tokens('x'.repeat(8193))).toThrow(/8192 bytes/)
})

test('all tokens are accepted, and only whole ones', () => {
  const tokens = new Tokens(`${OLD}\r\n${NEW}\r\n`)
  const has = (token: string) => tokens.has(Buffer.from(token))
  expect([has(OLD), has(NEW), has(OLD.slice(1)), has(''), has(`${OLD}\n`)]).toEqual([true, true, false, false, false])
  expect(tokens.size).toBe(2)
})

test('a new certificate is shown to new connections, and live ones continue', async () => {
  const at = folder()
  const proxy = await startProxy(certificate(at, 'before.example'))
  const swarm = client(trusting(proxy.port))
  await until('a link over TLS', () => swarm.connected)
  expect(await shownName(proxy.port)).toBe('before.example')
  certificate(at, 'after.example')
  await look(proxy, 'certificate reloaded')
  expect(await shownName(proxy.port)).toBe('after.example')
  expect(swarm.connected).toBe(true)
  expect(swarm.told.disconnected).toEqual([])
})

test('a broken new certificate is logged and the old one stays', async () => {
  const at = folder()
  const { cert, key } = certificate(at, 'before.example')
  const proxy = await startProxy({ cert, key })
  writeFileSync(cert, 'not a certificate')
  await look(proxy, 'new certificate rejected, the old one stays')
  expect(await shownName(proxy.port)).toBe('before.example')
})

test('a certificate that came before its key is used once the key is there', async () => {
  const at = folder()
  const proxy = await startProxy(certificate(at, 'before.example'))
  const other = folder()
  const next = certificate(other, 'after.example')
  copyFileSync(next.cert, `${at}/cert.pem`)
  await look(proxy, 'new certificate rejected, the old one stays')
  copyFileSync(next.key, `${at}/key.pem`)
  await look(proxy, 'certificate reloaded')
  expect(await shownName(proxy.port)).toBe('after.example')
})

/** Opens WebSockets over TLS without verifying the certificate. */
function trusting(port: number) {
  return () => createWebSocketStream(new WebSocket(`wss://127.0.0.1:${port}`, { rejectUnauthorized: false }))
}
