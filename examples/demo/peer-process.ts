import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Inbox } from './inbox.ts'
import type { FromPeer, Start, ToPeer } from './messages.ts'

const PEER_FILE = fileURLToPath(new URL('./peer.ts', import.meta.url))
const STOP_TIMEOUT_MS = 3000

/** Messages that a peer process sends without a request. */
export interface PeerListener {
  onProgress(blocks: number): void
  /** The process cannot go on; the error's message is a sentence for the user. */
  onFailed(error: Error): void
}

/** A peer process, as the parent sees it. */
export class PeerProcess {
  readonly #role: string
  readonly #child: ChildProcess
  readonly #listener: PeerListener
  readonly #inbox = new Inbox<FromPeer>()
  readonly #exited: Promise<void>
  #isStopping = false

  constructor(start: Start, listener: PeerListener) {
    this.#role = start.role
    this.#listener = listener
    // The child gets the parent's Node options, including the TypeScript loader.
    this.#child = fork(PEER_FILE)
    this.#child.on('message', (message: FromPeer) => this.#onMessage(message))
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => this.#fail(`could not be started: ${error.message}`, resolve))
      this.#child.once('exit', (code, signal) =>
        this.#fail(`ended too early (${signal ?? `exit code ${code}`})`, resolve)
      )
    })
    this.send(start)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  send(message: ToPeer): void {
    // If the child has just ended, its exit event reports it.
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  /** The next message of this type. */
  next<Type extends FromPeer['type']>(type: Type): Promise<Extract<FromPeer, { type: Type }>> {
    return this.#inbox.next(type)
  }

  /** Lets the process end on its own, with a deadline. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.send({ type: 'stop' })
    const timer = setTimeout(() => this.kill(), STOP_TIMEOUT_MS)
    await this.#exited
    clearTimeout(timer)
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.#isStopping = true
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  #onMessage(message: FromPeer): void {
    if (message.type === 'progress') this.#listener.onProgress(message.blocks)
    else if (message.type === 'failed') this.#fail(`stopped: ${message.reason}`)
    else this.#inbox.push(message)
  }

  #fail(what: string, then = () => {}): void {
    if (!this.#isStopping) this.#listener.onFailed(new Error(`The ${this.#role} process ${what}.`))
    then()
  }
}
