/** A log that could not be written ended the server, and cut all its clients. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs, { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { createLog, openLog } from '../../src/proxy/server/log.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { MAIN } from '../support/command.js'
import { temporaryFolder } from '../support/net.js'

/** Makes a process say where it listens, as its log cannot. */
const SAY_PORT = `
import { Server } from 'node:net'
const { listen } = Server.prototype
Server.prototype.listen = function (...args) {
  this.once('listening', () => console.error('port ' + this.address().port))
  return listen.apply(this, args)
}`

test.runIf(process.platform === 'linux')('a server whose log cannot be written serves', async () => {
  const args = [MAIN, 'proxy', '--port', '0', '--rendezvous-only']
  const child = spawn('sh', ['-c', 'exec "$0" "$@" > /dev/full', process.execPath, ...args], {
    env: { PATH: process.env['PATH'], NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SAY_PORT)}` }
  })
  let said = ''
  child.stderr.on('data', (data) => (said += data))
  const ended = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const port = () => /port (\d+)/.exec(said)?.[1]
  await until('the port', () => port() !== undefined || child.exitCode !== null)
  expect((await fetch(`http://127.0.0.1:${port()}/health`)).status).toBe(200)
  child.kill('SIGTERM')
  expect(await ended).toEqual([EXIT.ok, null])
})

test('while the disk is full, little is kept in memory; then it is written, and the log continues', () => {
  const path = join(temporaryFolder(), 'log')
  const file = openSync(path, 'w')
  onTestFinished(() => closeSync(file))
  const log = createLog({ logLevel: 'info' }, null, openLog(file))
  const full = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  })
  onTestFinished(() => full.mockRestore())
  for (let i = 0; i < 4000; i++) log.info({ i, text: 'x'.repeat(1000) }, 'line')
  full.mockRestore()
  log.info({ text: 'x'.repeat(1000) }, 'lost, as there is no room for it yet')
  log.info({ text: 'x'.repeat(1000) }, 'last')
  const text = readFileSync(path, 'utf8')
  expect(text.length).toBeLessThan(1_100_000)
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { i?: number; msg: string })
  expect(lines.slice(0, -1).map(({ i }) => i)).toEqual(lines.slice(0, -1).map((_, i) => i))
  expect(lines.length).toBeGreaterThan(500)
  expect(lines.at(-1)?.msg).toBe('last')
})
