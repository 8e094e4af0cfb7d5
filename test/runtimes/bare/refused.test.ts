/** What a client in Bare says of a server that does not open the WebSocket: the codes are those of Node. */
import { copyFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { BareApp } from './bare.ts'

const PROGRAM = 'refused.mjs'
const app = await BareApp.create()
copyFileSync(fileURLToPath(new URL(PROGRAM, import.meta.url)), join(app.folder, PROGRAM))

test.each([
  [401, 'AUTH_DENIED'],
  [503, 'SERVER_BUSY'],
  [302, 'REDIRECTED'],
  [404, 'UPGRADE_REFUSED']
])('an upgrade that is answered with %i is %s', async (status, code) => {
  const server = createServer((_, response) => response.writeHead(status).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { lines } = app.start(PROGRAM, `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, '1')
  const said: string[] = []
  for await (const line of lines) said.push(line)
  // HTTP proxies are not supported, and not passed over in silence.
  expect(said.map((line) => JSON.parse(line) as unknown)).toEqual([['INVALID_ARGUMENT', code]])
})
