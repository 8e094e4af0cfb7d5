/** The link to a page of the proxy server that `send` shows. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { startProxy } from '../proxy/support/proxy.js'
import { run, start } from '../support/command.js'
import { temporaryFolder } from '../support/net.js'

function note(): string {
  const path = join(temporaryFolder(), 'note')
  writeFileSync(path, 'hello')
  return path
}

/** A server that answers as the test says, and passes WebSockets on to a port, or refuses them if there is none. */
async function serveBefore(port: number | null, listener: RequestListener): Promise<string> {
  const opened: Socket[] = []
  const server = createServer(listener).listen(0, '127.0.0.1')
  server.on('upgrade', ({ rawHeaders, url }, near) => {
    if (port === null) return near.destroy()
    const far = connect(port, '127.0.0.1')
    near.on('error', () => {}).on('close', () => far.destroy())
    far.on('error', () => {}).on('close', () => near.destroy())
    opened.push(far)
    const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
    far.write(`GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`)
    near.pipe(far).pipe(near)
  })
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of opened) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const SITE = JSON.stringify({ site: true })

// The page of the first server was named that has one, also if the sender was at another.
test('the link is to the server that the sender is connected to', async () => {
  const { http, ws } = await startProxy({ site: true })
  const away = await serveBefore(null, (_request, response) => void response.end(SITE))
  const sender = start(['send', note(), '--proxy', `ws://${away}`, '--proxy', ws])
  await sender.says(`Or in a browser: ${http}/#`)
  await sender.says('(that server must be trusted: it serves the page)')
  expect(sender.stderr).not.toContain(`http://${away}/#`)
})

// A server that hung kept a sender alive that had sent everything, and the link came after the line about the end.
test('a server that does not say whether it has a page holds up nobody', async () => {
  const { port, ws } = await startProxy()
  let answer: () => void = () => {}
  const slow = await serveBefore(port, (_request, response) => {
    answer = () => response.end(SITE)
  })
  const sender = start(['send', note(), '--json', '--proxy', `ws://${slow}`])
  await sender.prints('"code"')
  const { code } = JSON.parse(sender.stdout.toString())
  const received = await run(['receive', code, temporaryFolder(), '--yes', '--proxy', ws])
  expect(received).toMatchObject({ code: EXIT.ok })
  await sender.prints('"end"')
  answer()
  const outcome = await sender.outcome()
  expect(outcome.code).toBe(EXIT.ok)
  expect(outcome.stdout.toString()).not.toContain('"link"')
})
