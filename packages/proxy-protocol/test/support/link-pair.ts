import { Link, type LinkHandler, type ProxyError } from '../../src/index.js'
import { type WireEnd, wire } from './helpers.js'

/** Records what a link tells its handler. */
export class Recorder implements LinkHandler {
  frames: [number, number][] = []
  drains = 0
  closed: ProxyError | null = null
  onFrame(type: number, body: Uint8Array): void {
    this.frames.push([type, body.byteLength])
  }
  onDrain(): void {
    this.drains++
  }
  onClose(error: ProxyError): void {
    this.closed = error
  }
}

/** Two links over an in-memory wire. */
export function linkPair(options = {}): { a: Link; b: Link; ra: Recorder; rb: Recorder; ends: [WireEnd, WireEnd] } {
  const ends = wire()
  const ra = new Recorder()
  const rb = new Recorder()
  return { a: new Link(ends[0], ra, options), b: new Link(ends[1], rb, options), ra, rb, ends }
}
