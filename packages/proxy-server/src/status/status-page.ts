import type { IncomingMessage, ServerResponse } from 'node:http'
import { Access } from './access/access.js'
import { Login } from './access/login.js'
import { serverSource } from './figures/server-source.js'
import type { StatusSource } from './figures/snapshot.js'
import type { WatchedServer } from './figures/watched-server.js'
import { type Answer, send } from './http/answer.js'
import { loadAssets } from './http/assets.js'
import { answerCutOff } from './http/cut-off.js'
import { PAGE } from './http/html.js'
import { type StatusPageOptions, type StatusSettings, settleStatusPage } from './options.js'
import { Recorder } from './recording/recorder.js'

/** The status page of a server. */
export interface StatusPage {
  /**
   * Answers a request for the page; returns false for any other request. Needs no `this`, so it can be passed as a
   * function. Never throws.
   */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Stops recording and answering. Leaves the server or the source unchanged. */
  destroy(): void
}

/**
 * Creates a page that shows operators the state of a server, for an existing HTTP(S) server; `listenStatus` creates
 * one. Recording starts at once.
 *
 * ```ts
 * const page = statusPage(server, { path: '/status', token: process.env.STATUS_TOKEN })
 * http.createServer((request, response) => {
 *   if (!page.handle(request, response)) response.writeHead(404).end()
 * })
 * ```
 *
 * @throws TypeError that names the first bad option
 */
export function statusPage(source: WatchedServer | StatusSource, options: StatusPageOptions = {}): StatusPage {
  const settings = settleStatusPage(options)
  if ('snapshot' in source) return new Page(source, settings)
  const own = serverSource(source, { clients: options.clients ?? false })
  return new Page(own, settings, () => own.destroy())
}

type Handler = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void | Promise<void>

class Page implements StatusPage {
  readonly #base: string
  readonly #login: Login
  readonly #recorder: Recorder
  readonly #onDestroy: () => void
  /** Routes by path below the base. */
  readonly #routes = new Map<string, { method: 'GET' | 'POST'; handler: Handler }>()
  #isDestroyed = false

  constructor(source: StatusSource, settings: StatusSettings, onDestroy = () => {}) {
    this.#base = settings.base
    this.#onDestroy = onDestroy
    this.#login = new Login(new Access(settings.token, settings.clock))
    this.#addRoutes(loadAssets(), source)
    this.#recorder = new Recorder(source, settings)
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path = '', ...rest] = (request.url ?? '').split('?')
    const route = path.startsWith(this.#base) ? this.#routes.get(path.slice(this.#base.length)) : undefined
    if (route === undefined || this.#isDestroyed) return false
    // Node leaves out the body of an answer to HEAD.
    const method = request.method === 'HEAD' ? 'GET' : request.method
    if (method !== route.method) send(response, notAllowed(route.method))
    else void this.#run(route.handler, request, response, new URLSearchParams(rest.join('?')))
    return true
  }

  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#recorder.destroy()
    this.#onDestroy()
  }

  #addRoutes(assets: ReadonlyMap<string, Answer>, source: StatusSource): void {
    const get = (path: string, handler: Handler) => this.#routes.set(path, { method: 'GET', handler })
    for (const [path, asset] of assets) get(path, (_request, response) => send(response, asset))
    get('/', (request, response, query) => this.#sendPage(request, response, query))
    get('/status.json', (request, response, query) => this.#sendReport(request, response, query))
    if (this.#base !== '') get('', (_request, response, query) => this.#addSlash(response, query))
    const login: Handler = (request, response) => this.#login.login(request, response)
    this.#routes.set('/login', { method: 'POST', handler: login })
    const cutOff: Handler = (request, response) => {
      if (this.#login.admits(request, response)) return answerCutOff(request, response, source)
    }
    this.#routes.set('/cut-off', { method: 'POST', handler: cutOff })
  }

  async #run(handler: Handler, ...[request, response, query]: Parameters<Handler>): Promise<void> {
    try {
      await handler(request, response, query)
    } catch {
      // The visitor left in the middle of a form.
      response.destroy()
    }
  }

  #sendPage(...[request, response, query]: Parameters<Handler>): void {
    const token = query.get('token')
    if (token !== null) this.#login.enter(request, response, token)
    else if (this.#login.admits(request, response)) send(response, { type: 'html', body: PAGE })
  }

  #sendReport(...[request, response, query]: Parameters<Handler>): void {
    if (!this.#login.admits(request, response)) return
    const after = Number(query.get('after')) || 0
    send(response, { type: 'json', body: JSON.stringify(this.#recorder.report(after)) })
  }

  /** Relative, because a reverse proxy may have removed the beginning of the path. */
  #addSlash(response: ServerResponse, query: URLSearchParams): void {
    const name = this.#base.slice(this.#base.lastIndexOf('/') + 1)
    const search = query.size > 0 ? `?${query}` : ''
    send(response, { status: 308, headers: { location: `${name}/${search}` } })
  }
}

function notAllowed(method: 'GET' | 'POST'): Answer {
  const allow = method === 'GET' ? 'GET, HEAD' : method
  return { status: 405, body: `Only ${allow} is allowed here.\n`, headers: { allow } }
}
