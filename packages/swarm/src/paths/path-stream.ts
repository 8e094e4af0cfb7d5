import { type Clock, emitIsolated } from '@swarmway/runtime'
import { Duplex, type DuplexEvents } from 'streamx'
import type { Signal } from './control.js'
import { pathViolation } from './errors.js'
import { Multipath } from './multipath.js'
import { FIRST_PATH_ID, isBase } from './path.js'
import { type MultipathListener, NO_OBSERVER, type PathObserver } from './path-listeners.js'
import type { PathTransport } from './path-transport.js'
import { bindingOf, type HandshakeSecrets } from './seal.js'
import { type RawDuplex, streamTransport } from './stream-transport.js'

type Callback = (error: Error | null) => void

/** Every chunk weighs this much on the reading side, so that streamx reads only one chunk ahead. */
const HIGH_WATER_MARK = 64 * 1024
/** Signals that are kept until somebody wants them. */
const MAX_EARLY_SIGNALS = 64

/** What a raw stream with paths needs. */
export interface PathStreamOptions {
  readonly secrets: HandshakeSecrets
  readonly clock: Clock
}

/**
 * The raw stream of a connection between two peers that both have paths: its bytes go over the stream that the
 * connection began with, or over a better path once there is one, and back, without losing, repeating or reordering any.
 */
export class PathStream extends Duplex {
  /** The stream that the connection began with. */
  readonly first: RawDuplex
  readonly #secrets: HandshakeSecrets
  readonly #paths: Multipath
  readonly #earlySignals: Signal[] = []
  #waiters: { readonly offset: number; resolve(isDone: boolean): void }[] = []
  #writtenBytes = 0
  #readDone: Callback | null = null
  #writeDone: Callback | null = null
  #finalDone: Callback | null = null
  #reason: Error | null = null

  constructor(first: RawDuplex, { secrets, clock }: PathStreamOptions) {
    super({
      highWaterMark: HIGH_WATER_MARK,
      byteLengthReadable: () => HIGH_WATER_MARK,
      byteLengthWritable: (chunk) => Math.max(1, (chunk as Uint8Array).byteLength)
    })
    this.first = first
    this.#secrets = secrets
    this.#paths = new Multipath(streamTransport(first), secrets, clock, this.#makeListener(), this.#earlyObserver())
    // The peer can end the connection at any moment, even before anybody listens.
    this.on('error', ignore)
  }

  /** An exception in a listener stays uncaught, and stops nothing here. */
  override emit<E extends keyof DuplexEvents>(event: E, ...args: DuplexEvents[E]): boolean {
    return emitIsolated(this, event, args)
  }

  /** Whether our bytes take the stream that the connection began with, or a replacement of it. */
  get isOnFirstPath(): boolean {
    return isBase(this.activePathId)
  }

  /** Whether there is such a stream, used or not. */
  get hasBase(): boolean {
    return this.#paths.hasBase
  }

  /** The number of the path that our bytes take; 0 is the one that the connection began with. */
  get activePathId(): number {
    return this.#paths.activePathId
  }

  /** Control messages that were not of the peer. */
  get refusedCount(): number {
    return this.#paths.refusedCount
  }

  /** Bytes received, whether read or not; named as on a UDX stream. */
  get bytesReceived(): number {
    return this.#paths.incoming.receivedOffset
  }

  /** Bytes sent; named as on a UDX stream. */
  get bytesTransmitted(): number {
    return this.#paths.sentBytes
  }

  /** As on a UDX stream: the address that the first path leads to. */
  get remoteHost(): string | undefined {
    return this.first.remoteHost
  }

  /** As on a UDX stream. */
  get remotePort(): number | undefined {
    return this.first.remotePort
  }

  /** As on a UDX stream, while our bytes take the first path; undefined on another, whose silence is noticed here. */
  get packetsReceived(): number | undefined {
    return this.#counting?.packetsReceived
  }

  /** As `packetsReceived`. */
  get inflight(): number | undefined {
    return this.#counting?.inflight
  }

  /** As `packetsReceived`. */
  get rtt(): number | undefined {
    return this.#counting?.rtt
  }

  get #counting(): RawDuplex | null {
    const { packetsReceived = 0 } = this.first
    return this.activePathId === FIRST_PATH_ID && packetsReceived > 0 ? this.first : null
  }

  /** Tells `observer` what happens to paths from now on, and the signals that came before. */
  observe(observer: PathObserver): void {
    this.#paths.observer = observer
    for (const signal of this.#earlySignals.splice(0)) observer.onSignal(signal)
  }

  /** What only this side, or only the peer, can say about `texts`; see seal.ts. */
  bindingOf(side: 'ours' | 'peer', texts: readonly string[]): string {
    return bindingOf(side === 'ours' ? this.#secrets.tx : this.#secrets.rx, texts)
  }

  /** See `Multipath.addPath`. */
  addPath(pathId: number, transport: PathTransport): void {
    this.#paths.addPath(pathId, transport)
  }

  /** See `Multipath.removePath`. */
  removePath(pathId: number, error: Error | null): void {
    this.#paths.removePath(pathId, error)
  }

  /** See `Multipath.use`. */
  use(pathId: number): void {
    this.#paths.use(pathId)
  }

  /** Sends a message to the observer of the other end. */
  sendSignal(signal: Signal): void {
    this.#paths.sendSignal(signal)
  }

  override write(bytes: Uint8Array): boolean {
    if (!this.destroying) this.#writtenBytes += bytes.byteLength
    return super.write(bytes)
  }

  /** Resolves true when the peer has everything written so far, false if the stream was destroyed first. */
  flush(): Promise<boolean> {
    const offset = this.#writtenBytes
    if (this.destroying || this.#paths.ackedOffset >= offset) return Promise.resolve(!this.destroying)
    return new Promise((resolve) => this.#waiters.push({ offset, resolve }))
  }

  override destroy(error?: Error | null): void {
    if (!this.destroying) this.#reason = error ?? null
    super.destroy(error)
  }

  /** @internal */
  override _read(callback: Callback): void {
    this.#readDone = callback
    this.#deliver()
  }

  /** @internal */
  override _writev(batch: unknown[], callback: Callback): void {
    this.#writeDone = callback
    for (const bytes of batch) this.#paths.write(bytes as Uint8Array)
    this.#paths.pump()
  }

  /** @internal */
  override _final(callback: Callback): void {
    this.#finalDone = callback
    this.#paths.finish()
  }

  /** @internal */
  override _predestroy(): void {
    this.#close(this.#reason)
  }

  /** @internal */
  override _destroy(callback: Callback): void {
    this.#close(null)
    callback(null)
  }

  #close(error: Error | null): void {
    this.#paths.close(error)
    for (const { resolve } of this.#waiters.splice(0)) resolve(false)
    this.#release()
    const done = [this.#readDone, this.#finalDone]
    this.#readDone = this.#finalDone = null
    for (const callback of done) callback?.(null)
  }

  #makeListener(): MultipathListener {
    return {
      onReadable: () => this.#deliver(),
      onRoom: () => this.#release(),
      onAcked: (offset) => this.#onAcked(offset),
      onFinished: () => {
        const done = this.#finalDone
        this.#finalDone = null
        done?.(null)
      },
      onFailure: (error) => this.destroy(error)
    }
  }

  /** Until there is another one: keeps the signals for it. */
  #earlyObserver(): PathObserver {
    return {
      ...NO_OBSERVER,
      onSignal: (signal) => {
        if (this.#earlySignals.push(signal) > MAX_EARLY_SIGNALS) throw pathViolation('too many signals')
      }
    }
  }

  #onAcked(offset: number): void {
    const done = this.#waiters.filter((waiter) => waiter.offset <= offset)
    this.#waiters = this.#waiters.filter((waiter) => waiter.offset > offset)
    for (const { resolve } of done) resolve(true)
  }

  #deliver(): void {
    const done = this.#readDone
    if (done === null) return
    const bytes = this.#paths.read()
    if (bytes === null && !this.#paths.incoming.isDrained) return
    this.#readDone = null
    this.push(bytes)
    done(null)
  }

  #release(): void {
    const done = this.#writeDone
    this.#writeDone = null
    done?.(null)
  }
}

function ignore(): void {}
