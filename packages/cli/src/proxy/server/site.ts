import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { pageHeaders } from '@swarmway/runtime'
import { CliError } from '../../shared/errors/cli-error.js'
import { EXIT } from '../../shared/errors/exit-codes.js'
import { answerText, pathOf } from './health.js'

/** Three folders up, both in the sources and in the published package. */
const FOLDER = new URL('../../../dist/site/', import.meta.url)
const INDEX = 'index.html'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8'
}

/** WebAssembly is several times as fast at decrypting. */
const HEADERS = { ...pageHeaders({ scripts: "'wasm-unsafe-eval'" }), vary: 'accept-encoding' }

/** Files with a digest of their content in their names never change; the page itself is asked for each time. */
const CACHING = { page: 'no-cache', file: 'public, max-age=31536000, immutable' } as const
const HASHED = /-\w{8}\.\w+$/
/** Milliseconds in which a reader has to take something. */
const READER_TIMEOUT_MS = 30_000

interface SiteFile {
  readonly plain: Buffer
  readonly zipped: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** The page that receives files in a browser. */
export class Site {
  readonly #files: ReadonlyMap<string, SiteFile>

  /** By path. */
  constructor(files: ReadonlyMap<string, SiteFile>) {
    this.#files = files
  }

  /** Answers a request for the page or one of its files. Returns false if it is for something else. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const file = this.#files.get(pathOf(request))
    if (file === undefined) return false
    const { headers, method } = request
    if (method !== 'GET' && method !== 'HEAD') answerText(response, 405, 'Use GET.', { allow: 'GET, HEAD' })
    else if (headers['if-none-match'] === file.headers['etag']) response.writeHead(304, file.headers).end()
    else send(response, file, acceptsGzip(headers['accept-encoding']))
    return true
  }
}

/** Reads the page. `path` is where the WebSockets are, null for anywhere. @throws CliError if it was not built */
export function loadSite(path: string | null): Site {
  try {
    const names = readdirSync(FOLDER)
    const files = names.map((name): [string, SiteFile] => [name === INDEX ? '/' : `/${name}`, readFile(name, path)])
    return new Site(new Map(files))
  } catch (error) {
    throw new CliError('The page for --site is missing.', {
      hint: 'Install swarmway again; in a clone, run "npm run build".',
      exitCode: EXIT.unusable,
      cause: error
    })
  }
}

function readFile(name: string, path: string | null): SiteFile {
  const content = readFileSync(new URL(name, FOLDER))
  const plain = name === INDEX ? Buffer.from(withPath(String(content), path)) : content
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  const caching = HASHED.test(name) ? CACHING.file : CACHING.page
  const type = TYPES[extname(name)] ?? 'application/octet-stream'
  return {
    plain,
    zipped: gzipSync(plain),
    headers: { ...HEADERS, 'cache-control': caching, etag, 'content-type': type }
  }
}

/** Relative to the page, as a reverse proxy may have both under another path. */
function withPath(html: string, path: string | null): string {
  const relative = (path ?? '').replace(/^\//, '')
  return html.replace('{{proxy}}', () => relative.replaceAll('&', '&amp;').replaceAll('"', '&quot;'))
}

function send(response: ServerResponse, { headers, plain, zipped }: SiteFile, isZipped: boolean): void {
  const body = isZipped ? zipped : plain
  // Somebody who asks and does not read must not hold the connection.
  response.setTimeout(READER_TIMEOUT_MS, () => response.destroy())
  const encoding = isZipped ? { 'content-encoding': 'gzip' } : {}
  response.writeHead(200, { ...headers, ...encoding, 'content-length': body.byteLength }).end(body)
}

function acceptsGzip(accepted: string | string[] | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(accepted ?? ''))
}
