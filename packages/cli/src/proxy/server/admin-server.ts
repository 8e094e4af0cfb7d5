import { createServer, type Server, type ServerResponse } from 'node:http'
import { isNamedByAddress, type StatusPage } from '@swarmway/proxy-server/status'
import { answerText, type Health, pathOf } from './health.js'
import type { Logger } from './log.js'

/** What the admin port shows. */
export interface AdminParts {
  readonly health: Health
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>
  /** The status page, at the root. Null: off. */
  readonly status: StatusPage | null
  readonly log: Logger
  /** Whether it listens on an address of this machine only. */
  readonly isLocal: boolean
}

const FOREIGN_NAME =
  'On this machine only, the admin port is asked for by an IP address or localhost, and not by a name.'

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * The server of the admin port, not listening yet. It is apart from the public port because numbers about clients
 * are nobody's business: a port that is bound to 127.0.0.1 cannot be published by mistake. There it answers no request by
 * a name: a website can give a name of its own the address 127.0.0.1, and then read what a visitor's machine answers.
 */
export function createAdminServer(parts: AdminParts): Server {
  return createServer((request, response) => {
    const path = pathOf(request)
    if (parts.isLocal && !isNamedByAddress(request)) answerText(response, 403, FOREIGN_NAME)
    else if (path === '/metrics') void answerMetrics(parts, response)
    else if (path === '/health') parts.health.answer(response)
    else if (parts.status?.handle(request, response) !== true) answerText(response, 404, contents(parts))
  })
}

function contents({ status }: AdminParts): string {
  const page = status === null ? 'A status page comes with --status.' : 'The status page is at /.'
  return `Here are /metrics and /health. ${page}`
}

async function answerMetrics({ log, metrics }: AdminParts, response: ServerResponse): Promise<void> {
  try {
    const text = await metrics()
    response.writeHead(200, { 'content-type': METRICS_TYPE, 'cache-control': 'no-store' }).end(text)
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'metrics could not be collected')
    answerText(response, 503, 'The metrics could not be collected.')
  }
}
