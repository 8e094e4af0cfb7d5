import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { pageOf, pageUrl } from '../../src/send/link.js'

const NEVER = new AbortController().signal

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server with pages in these folders. */
function serveSites(...folders: string[]): Promise<string> {
  return serve((request, response) => {
    const site = folders.some((folder) => request.url === `${folder}health`)
    response.writeHead(site ? 200 : 404).end(JSON.stringify({ site }))
  })
}

// Only the root of the host was asked.
test('the page is beside the WebSockets, or at the root', async () => {
  const beside = await serveSites('/', '/a/')
  expect(await pageOf(`ws://${beside}/a/ws?x=1`, NEVER)).toBe(`http://${beside}/a/`)
  expect(await pageOf(`ws://${beside}/b/ws`, NEVER)).toBe(`http://${beside}/`)
  expect(await pageOf(`ws://${await serveSites()}/a/ws`, NEVER)).toBeNull()
})

test('the link has no credentials of the URL in it', async () => {
  const host = await serveSites('/')
  expect(await pageOf(`ws://name:secret@${host}`, NEVER)).toBe(`http://${host}/`)
})

test('an answer that does not end is not waited for once nobody wants it', async () => {
  const over = new AbortController()
  const host = await serve((_request, response) => {
    response.write('{')
    over.abort()
  })
  expect(await pageOf(`ws://${host}`, over.signal)).toBeNull()
})

// Anybody on the way could put another page there, which takes the code.
test.each(['http://proxy.example', 'http://127.evil.example', 'http://localhost.example/x', 'http://10.0.0.1'])(
  '%s is not offered as a page',
  async (page) => {
    expect(() => pageUrl(page)).toThrow('https://')
    expect(await pageOf(page.replace('http', 'ws'), NEVER)).toBeNull()
  }
)

test.each(['https://proxy.example/get', 'http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
  '%s is accepted as a page',
  (page) => {
    expect(pageUrl(page)).toBe(page)
  }
)
