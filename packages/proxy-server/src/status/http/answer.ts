import type { ServerResponse } from 'node:http'
import { pageHeaders } from '@swarmway/runtime'

const HEADERS = pageHeaders({ forms: "'self'" })

/** Content types of answers. */
export const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  text: 'text/plain; charset=utf-8'
} as const

/** An HTTP answer. */
export interface Answer {
  /** Default 200. */
  status?: number
  type?: keyof typeof TYPES
  body?: string | Buffer
  headers?: Readonly<Record<string, string | number>>
}

/** Sends an answer with the common headers. Caches keep nothing, because after an update all files must match. */
export function send(response: ServerResponse, { status = 200, type = 'text', body = '', headers }: Answer): void {
  const bytes = Buffer.from(body)
  response
    .writeHead(status, {
      ...HEADERS,
      'cache-control': 'no-store',
      'content-type': TYPES[type],
      'content-length': bytes.byteLength,
      ...headers
    })
    .end(bytes)
}
