import type { IncomingMessage, ServerResponse } from 'node:http'
import type { StatusSource } from '../figures/snapshot.js'
import { type Answer, send } from './answer.js'
import { readBody } from './read-body.js'

/** Pages of other origins cannot send it without asking first, which is not answered. */
const ACTION_HEADER = 'x-swarmway-action'

const MAX_BODY_BYTES = 200

/** Answers a request to cut a client off, of a visitor who may see the page. */
export async function answerCutOff(request: IncomingMessage, response: ServerResponse, source: StatusSource) {
  if (!isOwnPage(request)) return send(response, refusal(403, 'FOREIGN_ORIGIN', 'Only the page itself may do this.'))
  if (source.cutOff === undefined)
    return send(response, refusal(404, 'NOT_SUPPORTED', 'Clients cannot be cut off here.'))
  const client = parse(await readBody(request, MAX_BODY_BYTES))
  if (client === null) return send(response, refusal(400, 'BAD_REQUEST', 'Send {"pid": number, "number": number}.'))
  const isDone = await source.cutOff(client.pid, client.number)
  if (!isDone) return send(response, refusal(404, 'UNKNOWN_CLIENT', 'There is no such client any more.'))
  send(response, { type: 'json', body: '{"isCutOff":true}' })
}

function refusal(status: number, code: string, message: string): Answer {
  // What remains of a body that was not read must not be taken for the next request.
  return { status, type: 'json', body: JSON.stringify({ code, message }), headers: { connection: 'close' } }
}

/**
 * Whether no other website made the visitor's browser send this: it has the header, which needs a script, and does not say
 * that it comes from elsewhere.
 */
function isOwnPage({ headers }: IncomingMessage): boolean {
  if (headers[ACTION_HEADER] === undefined) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin } = headers
  const own: unknown[] = [headers.host, headers['x-forwarded-host']]
  return origin === undefined || own.includes(hostOf(origin))
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function parse(body: string | null): { pid: number; number: number } | null {
  try {
    const { number, pid }: Record<string, unknown> = JSON.parse(body ?? '')
    return isWhole(pid) && isWhole(number) ? { pid, number } : null
  } catch {
    return null
  }
}
