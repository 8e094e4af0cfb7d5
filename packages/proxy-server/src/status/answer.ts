import type { ServerResponse } from 'node:http'

/** The page loads only from its own server, runs no inline scripts, and cannot be embedded in another page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'"
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY'
}

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
