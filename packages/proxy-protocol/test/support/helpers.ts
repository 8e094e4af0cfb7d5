import { Duplex } from 'streamx'
import { turns } from '../../../runtime/test/support/until.js'
import type { LinkOptions, SessionOptions } from '../../src/index.js'
import { Link, Session } from '../../src/index.js'

/** How a test pair carries bytes. */
export interface WireOptions {
  /** Splits written chunks before they are delivered. */
  chunks?: (chunk: Uint8Array) => Uint8Array[]
  /**
   * Turns of the event loop that each piece travels; pieces in flight are lost when the link is cut. Default:
   * delivered at once.
   */
  delay?: () => number
}

/** One end of an in-memory duplex pair. */
export class WireEnd extends Duplex {
  other: WireEnd | null = null
  /** While true, written bytes and the end vanish: a black hole. */
  blackhole = false
  readonly #options: WireOptions
  #resume: (() => void) | null = null

  constructor(options: WireOptions) {
    super({ highWaterMark: 64 * 1024 })
    this.#options = options
  }

  override _write(data: unknown, callback: (error: Error | null) => void): void {
    const other = this.other
    if (other === null || other.destroying || this.blackhole) {
      callback(null)
      return
    }
    const parts = this.#options.chunks?.(data as Uint8Array) ?? [data as Uint8Array]
    if (this.#options.delay === undefined) this.#deliver(parts, callback)
    else void this.#carry(parts, this.#options.delay, callback)
  }

  #deliver(parts: Uint8Array[], callback: (error: Error | null) => void): void {
    const other = this.other
    let more = true
    for (const part of parts) more = other?.push(part) ?? true
    if (more || other === null) callback(null)
    else other.#resume = () => callback(null)
  }

  async #carry(parts: Uint8Array[], delay: () => number, callback: (error: Error | null) => void): Promise<void> {
    for (const part of parts) {
      await turns(delay())
      if (this.other === null || this.other.destroying) break
      await new Promise<void>((resolve) => this.#deliver([part], () => resolve()))
    }
    callback(null)
  }

  override _read(callback: (error: Error | null) => void): void {
    const resume = this.#resume
    this.#resume = null
    resume?.()
    callback(null)
  }

  override _final(callback: (error: Error | null) => void): void {
    if (this.other !== null && !this.other.destroying && !this.blackhole) this.other.push(null)
    callback(null)
  }

  override _predestroy(): void {
    this.#resume?.()
    this.#resume = null
    const other = this.other
    this.other = null
    if (other !== null && !this.blackhole) queueMicrotask(() => other.destroy())
  }
}

/** Two connected duplexes. */
export function wire(options: WireOptions = {}): [WireEnd, WireEnd] {
  const a = new WireEnd(options)
  const b = new WireEnd(options)
  a.other = b
  b.other = a
  for (const end of [a, b]) end.on('error', () => {})
  return [a, b]
}

/** A session on each side, and links between them on demand. */
export class Rig {
  readonly a: Session
  readonly b: Session
  readonly wires: [WireEnd, WireEnd][] = []
  readonly #linkOptions: LinkOptions

  constructor(a: Partial<SessionOptions> = {}, b: Partial<SessionOptions> = {}, linkOptions: LinkOptions = {}) {
    this.a = new Session({ isInitiator: true, ...a })
    this.b = new Session({ isInitiator: false, ...b })
    this.#linkOptions = linkOptions
  }

  /** Connects, or reconnects: each side passes its count to the other, as HELLO and WELCOME would. */
  connect(options: WireOptions = {}, announce = false): this {
    const ends = wire(options)
    this.wires.push(ends)
    const [linkA, linkB] = ends.map((end) => new Link(end, null, this.#linkOptions)) as [Link, Link]
    this.a.detach()
    this.b.detach()
    const [receivedA, receivedB] = [this.a.received, this.b.received]
    this.a.attach(linkA, receivedB, announce ? this.b.announcedLimits : undefined)
    this.b.attach(linkB, receivedA, announce ? this.a.announcedLimits : undefined)
    return this
  }

  /** The link breaks. */
  cut(): void {
    this.wires.at(-1)?.[0].destroy()
  }

  destroy(): void {
    this.a.destroy()
    this.b.destroy()
  }
}

/** Bytes that encode their position, so that any loss, duplicate or swap shows. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  const words = new Uint32Array(bytes.buffer, 0, length >> 2)
  let state = seed >>> 0 || 1
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    words[i] = state ^ i
  }
  return bytes
}

/** A link to nowhere. */
export function linkOver(): Link {
  return new Link(wire()[0])
}
