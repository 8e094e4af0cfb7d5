import { LentPeerConnection, type PageRtc } from './lent-peer-connection.js'
import { type Answer, type Loan, type Port, type Question, type Request, refuse } from './messages.js'

/** A `Worker`, a `SharedWorker`, or any port that leads into one. */
export type LendTarget = PostsMessages | { readonly port: PostsMessages }

/** The part of a `Worker` or a `MessagePort` that is used. */
export interface PostsMessages {
  postMessage(message: unknown, transfer: object[]): void
}

/** The part of a page's global scope that is used. */
interface PageScope extends PageRtc {
  addEventListener(type: 'pagehide' | 'pageshow', listener: () => void): void
  removeEventListener(type: 'pagehide' | 'pageshow', listener: () => void): void
}

/**
 * In a page: lets the swarm of a worker have this page's WebRTC, which workers lack; see `borrowRtc`. What the worker opens
 * ends with the page, or when the returned function is called: connections then take the proxy server, or what another page
 * lends. Call that function when you terminate the worker, because browsers tell the page nothing. Throws a `TypeError`
 * with the code INVALID_ARGUMENT for what is not a worker.
 */
export function lendRtc(worker: LendTarget): () => void {
  const target = targetOf(worker)
  const scope = globalThis as unknown as PageScope
  let loan = lend(scope, target)
  const onHide = () => loan.end()
  const onShow = (event?: { readonly persisted: boolean }) => {
    if (event?.persisted) loan = lend(scope, target)
  }
  scope.addEventListener('pagehide', onHide)
  scope.addEventListener('pageshow', onShow)
  return () => {
    scope.removeEventListener('pagehide', onHide)
    scope.removeEventListener('pageshow', onShow)
    loan.end()
  }
}

function targetOf(worker: unknown): PostsMessages {
  for (const target of [worker, (worker as { port?: unknown } | null | undefined)?.port])
    if (posts(target)) return target
  const message = 'lendRtc takes a Worker, a SharedWorker or a MessagePort'
  throw Object.assign(new TypeError(message), { code: 'INVALID_ARGUMENT' })
}

function posts(value: unknown): value is PostsMessages {
  return typeof (value as { postMessage?: unknown } | null | undefined)?.postMessage === 'function'
}

function lend(scope: PageScope, target: PostsMessages): { end(): void } {
  const { port1, port2 } = new scope.MessageChannel()
  const lent = new Set<LentPeerConnection>()
  const make = (request: Request) => {
    try {
      lent.add(new LentPeerConnection(scope, request, (one) => lent.delete(one)))
    } catch {
      // Such as when the page has as many as the browser allows.
      refuse(request.port)
    }
  }
  port1.onmessage = ({ data }: { data: Question | Request }) => {
    if (typeof data === 'object') make(data)
    else answer(port1, 'yes')
  }
  const loan: Loan = { swarmwayRtc: port2 }
  target.postMessage(loan, [port2])
  return {
    end() {
      answer(port1, null)
      port1.close()
      for (const one of lent) one.end()
    }
  }
}

function answer(port: Port, message: Answer): void {
  port.postMessage(message)
}
