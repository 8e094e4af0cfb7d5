import { type Clock, RateLimit } from '@swarmway/runtime'
import { SwarmError } from '../errors.js'
import { AckSchedule } from './ack-schedule.js'
import type { Control, Signal } from './control.js'
import { closedByPeer, pathViolation } from './errors.js'
import { linger } from './linger.js'
import { bestOf, FIRST_PATH_ID, isBase, Path } from './path.js'
import type { MultipathListener, PathObserver } from './path-listeners.js'
import { PathSender } from './path-sender.js'
import type { PathTransport } from './path-transport.js'
import { PathWatch } from './path-watch.js'
import { ReceiveBuffer } from './receive-buffer.js'
import type { HandshakeSecrets } from './seal.js'

/** Control messages on one path that the peer did not seal, before the path is given up. */
const MAX_REFUSED = 64
/**
 * Control messages that acknowledge nothing new: so many at once, and so many a second. More are a flood: unlike data, they
 * are taken as fast as they come. Long ones count several times. Opening a direct path takes 10 to 20; with the longest
 * description and the most candidates, less than 200.
 */
const CONTROL_BURST = 512
const CONTROLS_PER_SECOND = 20
const CONTROL_BYTES = 256

/** A stream of bytes each way over one of several paths, which may change at any byte. */
export class Multipath {
  /** Hears what happens to paths. */
  observer: PathObserver
  /** Control messages that were not of the peer. */
  refusedCount = 0
  /** What has arrived. */
  readonly incoming: ReceiveBuffer
  readonly #secrets: HandshakeSecrets
  readonly #clock: Clock
  readonly #listener: MultipathListener
  readonly #paths = new Map<number, Path>()
  readonly #acks: AckSchedule
  readonly #watch: PathWatch
  readonly #sender: PathSender
  readonly #controls: RateLimit
  readonly #stalled = new SwarmError('PATH_STALLED', 'nothing came over a path any more')
  #isFinished = false
  #isClosed = false

  constructor(
    first: PathTransport,
    secrets: HandshakeSecrets,
    clock: Clock,
    listener: MultipathListener,
    observer: PathObserver
  ) {
    this.#secrets = secrets
    this.#clock = clock
    this.#listener = listener
    this.observer = observer
    this.#controls = new RateLimit(CONTROLS_PER_SECOND, clock, CONTROL_BURST)
    this.incoming = new ReceiveBuffer(() => clock.now())
    this.#acks = new AckSchedule(clock, this.incoming, () => this.#sender.active.send(this.#ack()))
    this.#watch = new PathWatch(clock, {
      paths: () => this.#paths.values(),
      onSilent: (path) => this.#lose(path, this.#stalled)
    })
    this.#sender = new PathSender(this.#open(FIRST_PATH_ID, first), {
      onRoom: () => listener.onRoom(),
      onSent: (pathId, byteLength) => this.observer.onSent(pathId, byteLength)
    })
  }

  /** The path that we send on. */
  get activePathId(): number {
    return this.#sender.active.id
  }

  /** Bytes sent at least once. */
  get sentBytes(): number {
    return this.#sender.outgoing.maxSentOffset
  }

  /** The peer has all bytes before this offset. */
  get ackedOffset(): number {
    return this.#sender.outgoing.ackedOffset
  }

  /** Whether there is the path that the connection began with, or a replacement of it, confirmed or not. */
  get hasBase(): boolean {
    return [...this.#paths.keys()].some(isBase)
  }

  /**
   * Adds a path. A direct one is used as soon as the peer has proved on it that it is the peer; a replacement of the first
   * one is kept for when the current path dies.
   */
  addPath(pathId: number, transport: PathTransport): void {
    if (this.#isClosed || this.#paths.has(pathId)) transport.destroy(null)
    else this.#open(pathId, transport).send(this.#ack())
  }

  /** Gives up a path. The last one takes the connection with it. */
  removePath(pathId: number, error: Error | null): void {
    const path = this.#paths.get(pathId)
    if (path !== undefined) this.#lose(path, error)
  }

  /** Sends on this path from the next byte on. Nothing happens unless it is confirmed. */
  use(pathId: number): void {
    const path = this.#paths.get(pathId)
    if (path?.isConfirmed && path !== this.#sender.active && !this.#isClosed) this.#startOn(path)
  }

  sendSignal(signal: Signal): void {
    if (!this.#isClosed) this.#sender.active.send(signal)
  }

  write(bytes: Uint8Array): void {
    this.#sender.outgoing.append(bytes)
  }

  /** Sends what can be sent. */
  pump(): void {
    if (!this.#isClosed) this.#sender.pump()
  }

  /** Nothing more will be written. */
  finish(): void {
    if (!this.#isClosed) this.#sender.finish()
  }

  read(): Uint8Array | null {
    const bytes = this.incoming.read()
    if (bytes !== null && !this.#isClosed) this.#acks.onRead()
    return bytes
  }

  /** Ends all paths: gently if both sides have finished. */
  close(error: Error | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#acks.stop()
    this.#watch.stop()
    const isDone = this.#isFinished && this.incoming.isComplete
    for (const path of this.#paths.values()) {
      if (!isDone && isBase(path.id)) path.transport.destroy(error)
      else this.#endGently(path, isDone)
    }
  }

  #endGently(path: Path, isDone: boolean): void {
    // The last acknowledgement may have gone where nothing arrives.
    path.send(isDone ? this.#ack() : { type: 'close' })
    linger(path, this.#clock, isDone)
  }

  #open(pathId: number, transport: PathTransport): Path {
    const path = new Path(pathId, transport, this.#secrets)
    path.onClosed = (error) => this.#lose(path, error)
    this.#paths.set(pathId, path)
    transport.listen({
      onData: (bytes) => this.#take(path, () => this.#onData(path, bytes)),
      onControl: (sealed) => this.#take(path, () => this.#onControl(path, sealed)),
      onWritable: () => {
        if (path === this.#sender.active) this.pump()
      },
      onClosed: (error) => path.onClosed?.(error)
    })
    return path
  }

  #has(path: Path): boolean {
    return !this.#isClosed && this.#paths.get(path.id) === path
  }

  /** What is wrong in a message of the peer costs the connection; before the peer has proved that it is there, only the path. */
  #take(path: Path, run: () => void): void {
    path.wasHeard = true
    if (!this.#has(path)) return
    try {
      run()
    } catch (error) {
      if (path.isConfirmed) this.#listener.onFailure(error as Error)
      else this.#lose(path, error as Error)
    }
  }

  #onData(path: Path, bytes: Uint8Array): void {
    if (!path.hasStarted) throw pathViolation('data on a path before its start')
    const wasComplete = this.incoming.isComplete
    this.incoming.add(path.id, bytes)
    // Once all is here, also what is dropped is answered: so the peer, which may have closed, knows that its path still brings
    // something. Not if it reads nothing: it could have us keep an answer for each byte.
    if (!wasComplete || this.#sender.active.transport.isWritable) this.#acks.onReceived()
    this.#listener.onReadable()
  }

  #onControl(path: Path, sealed: Uint8Array): void {
    const control = path.open(sealed)
    if (control !== null) {
      const isNews = control.type === 'ack' && this.#sender.outgoing.isNews(control.received, control.limit)
      if (!isNews && !this.#controls.take(1 + sealed.byteLength / CONTROL_BYTES))
        throw pathViolation('too many control messages')
      this.#obey(path, control)
      // The message may have ended the path or the connection.
      if (!path.isConfirmed && this.#has(path)) this.#confirm(path)
    } else {
      this.refusedCount++
      this.observer.onRefused()
      if (path.refusedCount > MAX_REFUSED) this.#lose(path, pathViolation('too many messages that are not of the peer'))
    }
  }

  #obey(path: Path, control: Control): void {
    if (control.type === 'start') this.#onStart(path, control.order, control.offset)
    else if (control.type === 'ack') this.#onAck(control.received, control.limit)
    else if (control.type === 'end') this.#onEnd(control.total)
    else if ('text' in control) this.observer.onSignal(control)
    else if (control.type === 'lost') this.#onLost(control.pathId)
    else if (control.type === 'close') this.#listener.onFailure(closedByPeer())
    // A peer that reads nothing gets no answers to keep for it.
    else if (control.type === 'ping' && path.transport.isWritable) path.send({ type: 'pong' })
  }

  #onStart(path: Path, order: number, offset: number): void {
    path.hasStarted = true
    this.incoming.start(path.id, order, offset)
  }

  /** What it sealed proves that the peer is there. Chromium loses the first message on a channel that it calls open too early. */
  #confirm(path: Path): void {
    path.isConfirmed = true
    this.#watch.start()
    if (isBase(path.id)) this.observer.onSpare(path.id)
    else this.use(path.id)
  }

  #onAck(received: number, limit: number): void {
    const sender = this.#sender
    const isEndAcked = sender.ack(received, limit)
    this.#listener.onAcked(this.ackedOffset)
    if (sender.isBehind) this.#startOn(sender.active)
    else this.pump()
    if (isEndAcked) this.#onFinished()
  }

  #onEnd(total: number): void {
    this.incoming.end(total)
    this.#acks.onReceived()
    this.#listener.onReadable()
  }

  #onLost(pathId: number): void {
    const path = this.#paths.get(pathId)
    if (path !== undefined) this.#lose(path, null)
  }

  #onFinished(): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#listener.onFinished()
  }

  #startOn(path: Path): void {
    const isOther = path !== this.#sender.active
    this.#sender.startOn(path)
    this.#acks.flush()
    this.pump()
    if (isOther) this.observer.onActive(path.id)
  }

  #lose(path: Path, error: Error | null): void {
    if (!this.#has(path)) return
    this.#paths.delete(path.id)
    path.transport.destroy(error)
    const { active } = this.#sender
    const next = path === active ? bestOf(this.#paths.values()) : active
    if (next === undefined) this.#onLastLost(path, error)
    else this.#continueOn(next, path, error)
  }

  #continueOn(next: Path, path: Path, error: Error | null): void {
    if (this.#paths.size === 1 && isBase(next.id)) this.#watch.stop()
    this.observer.onLost(path.id, error)
    next.send({ type: 'lost', pathId: path.id })
    if (path === this.#sender.active) this.#startOn(next)
  }

  /**
   * If all but the last acknowledgement is here, the peer has closed its end because it had everything. A direct path that
   * closes without a word was given up by the peer, or the peer is gone: what it did not bring is lost.
   */
  #onLastLost(path: Path, error: Error | null): void {
    if (this.#sender.isAllAcked && this.incoming.isComplete) this.#onFinished()
    else this.#listener.onFailure(error ?? (isBase(path.id) ? null : this.#stalled))
  }

  /** The end counts as one more byte, so that it is acknowledged as well. */
  #ack(): Control {
    const { isComplete, limitOffset, receivedOffset } = this.incoming
    return { type: 'ack', received: receivedOffset + (isComplete ? 1 : 0), limit: limitOffset }
  }
}
