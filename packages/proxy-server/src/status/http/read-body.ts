import type { IncomingMessage } from 'node:http'

/** The body of a request; null, without reading it, if it does not say its length or is too long. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  const { 'content-length': length } = request.headers
  if (!(Number(length) <= maxBytes)) return null
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
