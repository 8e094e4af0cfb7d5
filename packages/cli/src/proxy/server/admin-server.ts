import type { Server, ServerResponse } from 'node:http'
import { createStatusServer, isNamedByAddress, type StatusPage } from '@swarmway/proxy-server/status'
import { answerText, type Health, pathOf } from './health.js'
import type { Logger } from './log.js'

/** The contents of the admin port. */
export interface AdminParts {
  readonly health: Health
  /** In the Prometheus text format. */
  readonly metrics: () => Promise<string>
  /** The status page, at the root; null if off. */
  readonly status: StatusPage | null
  readonly log: Logger
  /** Whether it listens on a loopback address only. */
  readonly isLocal: boolean
}

const FOREIGN_NAME = 'The admin port serves this machine only: use an IP address or localhost instead of a name.'

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * The server of the admin port, not listening yet. It is separate from the public port because figures about clients are
 * private: a port that is bound to 127.0.0.1 cannot be published by mistake. On a loopback address it rejects requests by
 * name: a website can point a name of its own to 127.0.0.1, and then read what a visitor's machine answers.
 */
export function createAdminServer(parts: AdminParts): Server {
  return createStatusServer((request, response) => {
    const path = pathOf(request)
    if (parts.isLocal && !isNamedByAddress(request)) answerText(response, 403, FOREIGN_NAME)
    else if (path === '/metrics') void answerMetrics(parts, response)
    else if (path === '/health') parts.health.answer(response)
    else if (parts.status?.handle(request, response) !== true) answerText(response, 404, contents(parts))
  })
}

function contents({ status }: AdminParts): string {
  const page = status === null ? 'Start the server with --status for a status page.' : 'The status page is at /.'
  return `This port serves /metrics and /health. ${page}`
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
