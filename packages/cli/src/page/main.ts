import { parseCode } from '../send/code-words.js'
import { Awake } from './awake.js'
import { proxyUrl } from './link.js'
import { type Leftover, leftovers } from './parts/leftovers.js'
import { type Problem, problemOf } from './problem.js'
import { Reception, type Stage } from './reception.js'
import { codeView } from './views/code-view.js'
import type { View } from './views/dom.js'
import { doneView } from './views/done-view.js'
import { endView } from './views/end-view.js'
import { offerView } from './views/offer-view.js'
import { progressView } from './views/progress-view.js'
import { seekingView } from './views/seeking-view.js'

/** Milliseconds between updates of what is shown. */
const TICK_MS = 250
const TITLE = 'Receive files · Swarmway'

/** The page: one reception at a time, for the code in the part of the address that is not sent to the server. */
class Page {
  readonly #root: HTMLElement
  readonly #awake = new Awake()
  #reception: Reception | null = null
  #code = ''
  #token: string | undefined
  #view: View | null = null
  #stage: Stage | null = null
  #shown = ''
  /** One step after the other: each leaves a reception before the next begins one. */
  #work: Promise<void> = Promise.resolve()

  constructor(root: HTMLElement) {
    this.#root = root
    addEventListener('hashchange', () => this.#next(() => this.#begin()))
    addEventListener('beforeunload', (event) => this.#isPrecious() && event.preventDefault())
    setInterval(() => this.#view?.update(), TICK_MS)
    this.#next(() => this.#begin())
  }

  #next(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error) => this.#ask('', problemOf(error)))
  }

  /** Begins with the code in the address, or asks for one. */
  async #begin(): Promise<void> {
    await this.#leave()
    const typed = typedCode()
    if (typed === '') return this.#ask('', null, await leftovers())
    try {
      this.#receive(parseCode(typed))
    } catch (error) {
      this.#ask(typed, problemOf(error))
    }
  }

  #ask(typed: string, problem: Problem | null, others: readonly Leftover[] = []): void {
    const onCode = (code: string) => this.#goTo(code)
    const onRemove = (one: Leftover) =>
      this.#next(async () => {
        await one.remove()
        await this.#begin()
      })
    this.#show('code', codeView({ typed, problem, others, onCode, onRemove }))
    this.#root.querySelector('input')?.focus()
  }

  /** The address holds the code, so that a reload resumes. */
  #goTo(code: string): void {
    if (location.hash.slice(1) === code) this.#next(() => this.#begin())
    else location.hash = code
  }

  #receive(code: string): void {
    this.#code = code
    const url = proxyUrl(location.href, document.querySelector<HTMLMetaElement>('meta[name=proxy]')?.content ?? '')
    const reception: Reception = new Reception({
      ...{ code, proxyUrl: url, token: this.#token },
      onChange: () => this.#reception === reception && this.#update(reception)
    })
    this.#reception = reception
    this.#update(reception)
  }

  async #leave(): Promise<void> {
    const reception = this.#reception
    this.#reception = null
    // The view that is shown belongs to it.
    this.#shown = ''
    await reception?.stop()
  }

  /** Removes what has arrived. A code that is entered meanwhile is the next. */
  #forget(): void {
    history.replaceState(null, '', location.pathname + location.search)
    this.#next(async () => {
      const reception = this.#reception
      this.#reception = null
      await reception?.forget()
      await this.#begin()
    })
  }

  #again(): void {
    this.#next(() => this.#begin())
  }

  #otherCode(): void {
    location.hash = ''
  }

  #update(reception: Reception): void {
    const { stage } = reception
    // A stage that continues keeps its view.
    const key = stage.name === 'preparing' ? 'seeking' : stage.name
    const isSame = stage === this.#stage || (key === this.#shown && (key === 'seeking' || key === 'receiving'))
    this.#stage = stage
    if (isSame) this.#view?.update()
    else this.#show(key, this.#viewOf(stage, reception))
  }

  #viewOf(stage: Stage, reception: Reception): View {
    if (stage.name === 'offered') return offerView(stage.offer, reception.isLasting, stage.decide)
    if (stage.name === 'receiving') return this.#progress(reception)
    if (stage.name === 'done') return doneView(stage.kept, () => this.#forget())
    if (stage.name === 'ended') {
      return endView(
        stage.problem,
        () => this.#again(),
        () => this.#otherCode()
      )
    }
    return this.#seeking(reception)
  }

  #seeking(reception: Reception): View {
    return seekingView({
      code: this.#code,
      link: () => reception.link?.state ?? 'connecting',
      refusal: () => reception.link?.refusal ?? '',
      isBusy: () => reception.stage.name === 'seeking' && reception.stage.isBusy,
      onToken: (token) => {
        this.#token = token
        this.#again()
      },
      onOtherCode: () => this.#otherCode()
    })
  }

  #progress(reception: Reception): View {
    let last = reception.stage.name === 'receiving' ? reception.stage : null
    const stage = () => {
      if (reception.stage.name === 'receiving') last = reception.stage
      if (last === null) throw new Error('nothing is being received')
      return last
    }
    return progressView({
      meter: () => stage().meter,
      trouble: () => {
        if (reception.link?.state === 'lost') return 'The server of this page cannot be reached; trying again.'
        return stage().isLost ? 'The connection is lost; trying again. What has arrived is kept.' : ''
      },
      onStop: () => this.#otherCode()
    })
  }

  /** Whether closing the page would lose something. */
  #isPrecious(): boolean {
    const reception = this.#reception
    if (reception === null) return false
    const { name } = reception.stage
    return name === 'receiving' || (name === 'done' && !reception.isLasting)
  }

  #show(key: string, view: View): void {
    document.title = TITLE
    this.#shown = key
    this.#view?.leave?.()
    this.#view = view
    this.#awake.keep(key === 'receiving')
    this.#root.replaceChildren(view.element)
    view.element.querySelector('h1')?.focus()
  }
}

/** What is in the address in place of a code. */
function typedCode(): string {
  const hash = location.hash.slice(1)
  try {
    return decodeURIComponent(hash)
  } catch {
    return hash
  }
}

new Page(document.querySelector('main') ?? document.body)
