import { InvalidArgumentError } from 'commander'
import { isLoopback } from '../shared/network/loopback.js'

/** Milliseconds for a proxy server to say whether it has a page. */
const TIMEOUT_MS = 3000
/** An honest answer is far shorter. */
const MAX_ANSWER_BYTES = 4096

/** Reads the address of a page that receives files, as an option's value. */
export function pageUrl(text: string): string {
  if (!/^https?:\/\/./.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('Give the address of the page, such as https://proxy.example.')
  }
  if (isGuarded(new URL(text))) return text
  throw new InvalidArgumentError('Give an https:// address: with http://, anybody on the way can read the files.')
}

/** The link that opens a page with a code. Browsers do not send the part after "#" to the server. */
export function linkTo(page: string, code: string): string {
  const url = new URL(page)
  url.hash = code
  return url.href
}

/**
 * The page of a proxy server: beside its WebSockets or at the root of its host. Null if it says that it has none, or cannot be
 * reached by TLS. Never rejects.
 */
export async function pageOf(proxy: string, signal: AbortSignal): Promise<string | null> {
  const url = new URL(proxy.replace(/^ws/, 'http'))
  if (!isGuarded(url)) return null
  url.username = ''
  url.password = ''
  const folders = new Set([new URL('.', url).href, new URL('/', url).href])
  const late = new AbortController()
  // Not one of AbortSignal.timeout, which may be collected as garbage inside of AbortSignal.any, and never ends.
  const timer = setTimeout(() => late.abort(), TIMEOUT_MS)
  const patience = AbortSignal.any([signal, late.signal])
  const pages = await Promise.all([...folders].map((folder) => askForPage(folder, patience)))
  clearTimeout(timer)
  return pages.find((page) => page !== null) ?? null
}

/** Whether nobody on the way can put another page in place of the right one, which would take the code. */
function isGuarded({ hostname, protocol }: URL): boolean {
  return protocol === 'https:' || isLoopback(hostname)
}

async function askForPage(folder: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(new URL('health', folder), { redirect: 'error', signal })
    const answer: unknown = JSON.parse(await shortText(response))
    return typeof answer === 'object' && answer !== null && 'site' in answer && answer.site === true ? folder : null
  } catch {
    return null
  }
}

/** Throws if the answer is longer than an honest one. */
async function shortText({ body }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_ANSWER_BYTES) throw new Error('the answer is too long')
  }
  return text
}
