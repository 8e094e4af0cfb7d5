import type { DuplexLike } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { Duplex } from 'streamx'
import type { Connect } from '../../src/index.js'

type Callback = (error: Error | null) => void

/** The duplex behind a tap; most can be paused. */
type Pausable = DuplexLike & { pause?(): unknown; resume?(): unknown }

/** Gives a test control of a client's links: cuts them, silences them, records what they carry. */
export class LinkControl {
  /** All bytes that the client has sent and received, if `record` was set. */
  readonly sent: Uint8Array[] = []
  readonly received: Uint8Array[] = []
  /** Records all bytes. */
  record = false
  /** While set, links that are opened fail at once. */
  isDown = false
  /** While set, links open but carry nothing. */
  isSilent = false
  /** The address of this machine that links say they use. */
  localAddress: string | undefined = undefined
  /** Number of links opened so far, including attempts while down. */
  opened = 0
  #live = new Set<Tap>()

  /** The option `connect`, with a tap in between. */
  through(connect: Connect): Connect {
    return async () => {
      this.opened++
      if (this.isDown) throw new Error('the test has taken the network down')
      const tap = new Tap((await connect()) as Pausable, this)
      tap.isBlackHole = this.isSilent
      this.#live.add(tap)
      tap.on('close', () => this.#live.delete(tap))
      return tap as unknown as DuplexLike
    }
  }

  /** Number of links that are open. */
  get live(): number {
    return this.#live.size
  }

  /** Breaks the links, as a lost network does. Data in flight is lost. */
  cut(): void {
    for (const tap of [...this.#live]) tap.destroy()
  }

  /** Silences the links: they stay open but carry nothing in either direction. */
  blackHole(): void {
    for (const tap of this.#live) tap.isBlackHole = true
  }

  /** All bytes of both directions. */
  get recorded(): { sent: Uint8Array; received: Uint8Array } {
    return { sent: b4a.concat(this.sent), received: b4a.concat(this.received) }
  }
}

/** A duplex in front of another. */
class Tap extends Duplex {
  isBlackHole = false
  readonly #inner: Pausable
  readonly #control: LinkControl
  #written: Callback | null = null

  constructor(inner: Pausable, control: LinkControl) {
    super()
    this.#inner = inner
    this.#control = control
    this.on('error', () => {})
    inner.on('data', (chunk) => this.#onData(chunk as Uint8Array))
    inner.on('drain', () => this.#release())
    inner.on('end', () => this.isBlackHole || this.push(null))
    inner.on('error', () => this.isBlackHole || this.destroy())
    inner.on('close', () => this.isBlackHole || this.destroy())
  }

  get localAddress(): string | undefined {
    return this.#control.localAddress
  }

  override _write(data: unknown, callback: Callback): void {
    const chunk = data as Uint8Array
    if (this.#control.record) this.#control.sent.push(b4a.from(chunk))
    if (this.isBlackHole || this.#inner.write(chunk)) callback(null)
    else this.#written = callback
  }

  override _read(callback: Callback): void {
    this.#inner.resume?.()
    callback(null)
  }

  override _final(callback: Callback): void {
    if (!this.isBlackHole) this.#inner.end()
    callback(null)
  }

  override _predestroy(): void {
    this.#release()
    this.#inner.destroy()
  }

  #onData(chunk: Uint8Array): void {
    if (this.isBlackHole || this.destroying) return
    if (this.#control.record) this.#control.received.push(b4a.from(chunk))
    if (!this.push(chunk)) this.#inner.pause?.()
  }

  #release(): void {
    const written = this.#written
    this.#written = null
    written?.(null)
  }
}
