import { InvalidArgumentError } from 'commander'

/** Milliseconds for a proxy server to say whether it has a page. */
const TIMEOUT_MS = 3000
/** An honest answer is far shorter. */
const MAX_ANSWER_BYTES = 4096

/** Reads the address of a page that receives files, as an option's value. */
export function pageUrl(text: string): string {
  if (/^https?:\/\/./.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('Give the address of the page, such as https://proxy.example.')
}

/** The link that opens a page with a code. Browsers do not send the part after "#" to the server. */
export function linkTo(page: string, code: string): string {
  const url = new URL(page)
  url.hash = code
  return url.href
}

/** The page of the first of these proxy servers that says it has one; null if none does. Never rejects. */
export async function pageOf(proxies: readonly string[]): Promise<string | null> {
  const pages = await Promise.all(proxies.map(askForPage))
  return pages.find((page) => page !== null) ?? null
}

async function askForPage(proxy: string): Promise<string | null> {
  const { origin } = new URL(proxy.replace(/^ws/, 'http'))
  try {
    const response = await fetch(`${origin}/health`, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const answer: unknown = JSON.parse(await shortText(response))
    return typeof answer === 'object' && answer !== null && 'site' in answer && answer.site === true
      ? `${origin}/`
      : null
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
