import type { Browser, CDPSession } from 'playwright-core'
import { onTestFinished } from 'vitest'
import type { Bundle } from './build.js'
import { serve } from './site.js'

interface Reply {
  id: number
  result?: { result?: { value?: unknown }; exceptionDetails?: unknown }
  error?: { message: string }
}

/**
 * A tab that Playwright does not manage: Playwright keeps its own pages visible, whatever happens to them. All bare
 * tabs of a browser share one window, where one of them hides the others.
 */
export class BareTab {
  readonly #session: CDPSession
  readonly #targetId: string
  readonly #sessionId: string
  readonly #waiting = new Map<number, (reply: Reply) => void>()
  #lastId = 0

  constructor(session: CDPSession, targetId: string, sessionId: string) {
    this.#session = session
    this.#targetId = targetId
    this.#sessionId = sessionId
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const reply = JSON.parse(message) as Reply
      this.#waiting.get(reply.id)?.(reply)
    })
  }

  /** The value of an expression; if it is a promise, what that resolves to. */
  async evaluate(expression: string): Promise<unknown> {
    const reply = await this.#send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })
    const failure = reply.error ?? reply.result?.exceptionDetails
    if (failure !== undefined) throw new Error(`${expression}: ${JSON.stringify(failure)}`)
    return reply.result?.result?.value
  }

  /** Brings another tab to the front. */
  async hide(): Promise<void> {
    await this.#session.send('Target.createTarget', { url: 'about:blank' })
    await this.#seen('hidden')
  }

  async show(): Promise<void> {
    await this.#session.send('Target.activateTarget', { targetId: this.#targetId })
    await this.#seen('visible')
  }

  /** Stops all code until the tab is shown. Only a hidden tab can be frozen. */
  async freeze(): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state: 'frozen' })
  }

  #seen(state: string): Promise<unknown> {
    return this.evaluate(`new Promise((resolve) => {
      const look = () => document.visibilityState === '${state}' && resolve()
      document.addEventListener('visibilitychange', look)
      look()
    })`)
  }

  #send(method: string, params: object): Promise<Reply> {
    const id = ++this.#lastId
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve))
    const message = JSON.stringify({ id, method, params })
    const sent = this.#session.send('Target.sendMessageToTarget', { sessionId: this.#sessionId, message })
    return Promise.all([reply, sent]).then(([answer]) => answer)
  }
}

/** Opens a tab and loads the bundle's entry in it. The tab closes with the browser. */
export async function openBareTab(browser: Browser, bundle: Bundle): Promise<BareTab> {
  const site = await serve(bundle)
  onTestFinished(() => site.close())
  const session = await browser.newBrowserCDPSession()
  const { targetId } = await session.send('Target.createTarget', { url: site.url })
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
  const tab = new BareTab(session, targetId, sessionId)
  const [entry = ''] = bundle.keys()
  await onceOpened(() =>
    tab.evaluate(`new Promise((resolve) => {
      const loaded = () => resolve(import('${site.url}${entry}').then(() => null))
      if (document.readyState === 'complete') loaded()
      else addEventListener('load', loaded)
    })`)
  )
  return tab
}

/** A new tab may still show the empty page: what runs there is cut off when the other one replaces it. */
async function onceOpened(evaluate: () => Promise<unknown>): Promise<void> {
  try {
    await evaluate()
  } catch (error) {
    if (!String(error).includes('Execution context was destroyed')) throw error
    await evaluate()
  }
}
