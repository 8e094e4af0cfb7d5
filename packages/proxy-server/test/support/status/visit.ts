import { createServer, request as httpRequest, type RequestOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Snapshot, type StatusPageOptions, type StatusSource, statusPage } from '../../../src/status/index.js'
import { figures } from './figures.js'

export const TOKEN = 'a token of many letters'

/** The reply to a request. */
export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** A page on an HTTP server that answers everything else with 418. Closed after the test. */
export async function servePage(
  options: StatusPageOptions = {},
  snapshot: () => Snapshot = figures,
  more: Partial<StatusSource> = {}
) {
  const page = statusPage({ snapshot, ...more }, options)
  const server = createServer((request, response) => {
    if (!page.handle(request, response)) response.writeHead(418).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    page.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { page, port, visit: (path: string, how?: RequestOptions, body?: string) => visit(port, path, how, body) }
}

/** One request. Unlike `fetch`, it sends the path and all headers unchanged. */
export function visit(port: number, path: string, how: RequestOptions = {}, body = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...how }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const { headers, statusCode: status = 0 } = response
        resolve({ status, headers, body: Buffer.concat(chunks).toString() })
      })
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Sends the login form. */
export function login(port: number, token: string, path = '/login'): Promise<Reply> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return visit(port, path, { method: 'POST', headers }, new URLSearchParams({ token }).toString())
}

/** The cookie that the reply sets, as it is sent back. */
export function cookieOf(reply: Reply): string {
  return String(reply.headers['set-cookie']).split(';')[0] ?? ''
}
