import type { IncomingMessage } from 'node:http'

const MAX_FORM_BYTES = 2048

/**
 * Reads the fields of a submitted form. Returns null, without reading the body, if it is not a form or is too large.
 */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const { 'content-length': length, 'content-type': type = '' } = request.headers
  const isSmall = Number(length) <= MAX_FORM_BYTES
  if (!isSmall || !type.startsWith('application/x-www-form-urlencoded')) return null
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return new URLSearchParams(Buffer.concat(chunks).toString())
}
