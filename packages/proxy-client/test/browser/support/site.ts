import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bundle } from './build.js'

const HTML = '<!doctype html><meta charset="utf-8"><title>test</title><link rel="icon" href="data:,">'

/** A web server on 127.0.0.1 with a page that has loaded nothing yet. */
export interface Site {
  readonly url: string
  close(): Promise<void>
}

/** Serves a bundle. The page at `/` is empty and is sent with `headers`. The caller closes the site. */
export async function serve(bundle: Bundle, headers: Record<string, string> = {}): Promise<Site> {
  const server = createServer(({ url = '/' }, response) => {
    const file = bundle.get(url.slice(1))
    if (file !== undefined) response.writeHead(200, { 'content-type': 'text/javascript' }).end(file)
    else if (url === '/') response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(HTML)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}
