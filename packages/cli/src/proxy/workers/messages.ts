import type { Snapshot } from '@swarmway/proxy-server/status'
import type { ExitCode } from '../../shared/errors/exit-codes.js'
import type { ProxySettings } from '../config/settings.js'
import type { DhtWord } from '../server/health.js'
import type { Ports } from '../server/running-server.js'

/** Messages from the primary to a worker. */
export type ToWorker =
  | { readonly type: 'start'; readonly settings: ProxySettings; readonly worker: number; readonly handoverPath: string }
  | { readonly type: 'stop' }
  | { readonly type: 'end' }
  | { readonly type: 'owner'; readonly request: number; readonly handoverPath: string | null }
  | { readonly type: 'snapshot'; readonly request: number }
  | { readonly type: 'cut-off'; readonly request: number; readonly pid: number; readonly number: number }

/** Messages from a worker to the primary. */
export type FromWorker =
  | { readonly type: 'hello' }
  | { readonly type: 'ready'; readonly ports: Ports }
  | { readonly type: 'dht'; readonly word: DhtWord }
  | { readonly type: 'stopped' }
  | {
      readonly type: 'failed'
      readonly message: string
      readonly hint: string | undefined
      readonly exitCode: ExitCode
    }
  | { readonly type: 'session'; readonly id: string; readonly isOpen: boolean }
  | { readonly type: 'find'; readonly request: number; readonly id: string }
  | { readonly type: 'snapshot'; readonly request: number; readonly snapshot: Snapshot }
  | { readonly type: 'cut-off'; readonly request: number; readonly isDone: boolean }

/** Requests to another process, and their answers. */
export class Questions<Answer> {
  readonly #waiting = new Map<number, (answer: Answer | null) => void>()
  #last = 0

  /** Sends a request. Resolves to null if no answer arrives within `timeoutMs`. */
  ask(send: (request: number) => void, timeoutMs: number): Promise<Answer | null> {
    const request = ++this.#last
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.answer(request, null), timeoutMs)
      this.#waiting.set(request, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      send(request)
    })
  }

  /** Accepts the answer to a request. */
  answer(request: number, answer: Answer | null): void {
    const resolve = this.#waiting.get(request)
    this.#waiting.delete(request)
    resolve?.(answer)
  }
}
