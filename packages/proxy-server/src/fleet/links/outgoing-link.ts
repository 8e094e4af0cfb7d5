import { connect, type Socket } from 'node:net'
import {
  type Clock,
  decodeWelcome,
  encodeHello,
  FRAME,
  Link,
  type MonotonicMs,
  ProxyError,
  type ResumeClaim,
  Session,
  type Welcome
} from '@swarmway/proxy-protocol'
import { backoffMs } from '@swarmway/runtime'
import type { FleetServer } from '../presence/presence.js'
import { LINK_FLUSH_BYTES, LINK_GRACE_MS, LINK_LIMITS } from './link-limits.js'
import { type SecureOptions, secureOut } from './secure-socket.js'

const CONNECT_MS = 4000
const RETRY = { firstMs: 100, maxMs: 2000 }
/** A connection that lasted this long was good: after it, the next is tried at once. */
const GOOD_MS = 2000
/** Milliseconds without streams and requests after which a link is closed. */
const IDLE_MS = 60_000
const NOTHING = new Uint8Array(0)

/** What a link to another server needs. */
export interface OutgoingHost extends SecureOptions {
  readonly clock: Clock
  /** The server could not be reached at all, and is given up. */
  onUnreachable(server: FleetServer): void
  /** The session is over. */
  onClose(link: OutgoingLink): void
}

/**
 * A session that this server has begun with another one, over successive connections. Requests and streams wait for a
 * connection; without one for some seconds, the session ends.
 */
export class OutgoingLink {
  readonly server: FleetServer
  readonly session: Session
  readonly #host: OutgoingHost
  #welcome: Welcome | null = null
  #socket: Socket | null = null
  #lostMs: MonotonicMs
  #connectedMs = Number.NEGATIVE_INFINITY
  #failures = 0
  #timer: unknown = null
  #idleTimer: unknown = null
  #wasIdle = false
  /** Those who wait for a connection. */
  readonly #waiting = new Set<() => void>()

  constructor(server: FleetServer, host: OutgoingHost) {
    this.server = server
    this.#host = host
    this.#lostMs = host.clock.now()
    this.session = new Session({
      isInitiator: true,
      label: `to ${server.name}`,
      limits: LINK_LIMITS,
      clock: host.clock,
      onDetach: () => this.#onDetach(),
      onClose: () => this.#onClose()
    })
    void this.#try()
    this.#watchIdle()
  }

  /** Resolves to whether it is connected, at once or within this time. */
  async hasConnection(withinMs: number): Promise<boolean> {
    if (!this.session.attached && !this.session.destroyed) await this.#next(withinMs)
    return this.session.attached
  }

  /** Resolves with the next connection, with the end of the session, or after this time. */
  #next(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#host.clock.clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = this.#host.clock.setTimeout(done, withinMs)
      this.#waiting.add(done)
    })
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done()
  }

  async #try(): Promise<void> {
    try {
      const link = await this.#connect()
      await this.#greet(link)
    } catch (error) {
      this.#retry(error)
    }
  }

  async #connect(): Promise<Link> {
    const { host, port } = splitAddress(this.server.linkAddress)
    const socket = connect({ host, port, noDelay: true })
    this.#socket = socket
    socket.on('error', ignore)
    const timer = this.#host.clock.setTimeout(() => socket.destroy(), CONNECT_MS)
    const stream = await secureOut(socket, this.#host, this.server.publicKey)
    this.#host.clock.clearTimeout(timer)
    if (stream === null || this.session.destroyed) {
      socket.destroy()
      throw new ProxyError('LINK_CLOSED', `no connection to the server ${this.server.name}`)
    }
    return new Link(stream, null, {
      clock: this.#host.clock,
      limits: LINK_LIMITS,
      flushBytes: LINK_FLUSH_BYTES,
      keepsAlive: true
    })
  }

  #greet(link: Link): Promise<void> {
    const resume: ResumeClaim | null = this.#welcome && { ...this.#welcome, received: this.session.received }
    const hello = { limits: LINK_LIMITS, userAgent: 'server', auth: NOTHING }
    return new Promise((resolve, reject) => {
      const late = new ProxyError('LINK_TIMEOUT', `the server ${this.server.name} did not answer`)
      const timer = this.#host.clock.setTimeout(() => link.close(late), CONNECT_MS)
      link.handler = {
        onFrame: (type, body) => {
          this.#host.clock.clearTimeout(timer)
          if (type === FRAME.WELCOME) resolve(this.#onWelcome(link, decodeWelcome(body)))
          else link.close(new ProxyError('PROTOCOL_ERROR', 'the first frame is not an answer to the greeting'))
        },
        onClose: (error) => {
          this.#host.clock.clearTimeout(timer)
          reject(error)
        }
      }
      link.send(encodeHello(resume === null ? hello : { ...hello, resume }))
    })
  }

  /** At once: what the session sends may follow in the same packet. */
  #onWelcome(link: Link, welcome: Welcome): void {
    const isKnown = this.#welcome === null || welcome.resumed
    this.#connectedMs = this.#host.clock.now()
    this.#welcome = welcome
    if (isKnown) this.session.attach(link, welcome.received, welcome.limits)
    else this.#onLost(link)
    this.#wake()
  }

  /** The other server has forgotten the session, and everything in it. */
  #onLost(link: Link): void {
    link.close(new ProxyError('SESSION_UNKNOWN', 'the session is lost'))
    this.session.destroy(new ProxyError('SESSION_UNKNOWN', `the server ${this.server.name} has forgotten the link`))
  }

  #onDetach(): void {
    this.#lostMs = this.#host.clock.now()
    const wasGood = this.#lostMs - this.#connectedMs >= GOOD_MS
    if (wasGood) this.#failures = 0
    if (wasGood) void this.#try()
    else this.#retry(new ProxyError('LINK_CLOSED', 'the connection did not last'))
  }

  /** A link that never was there is given up at once: a dial that waits for it tries another way. */
  #retry(error: unknown): void {
    if (this.session.destroyed) return
    const isLate = this.#host.clock.now() - this.#lostMs > LINK_GRACE_MS
    if (this.#welcome === null || isLate) {
      this.#host.onUnreachable(this.server)
      this.session.destroy(error instanceof ProxyError ? error : new ProxyError('LINK_CLOSED', String(error)))
      return
    }
    const waitMs = backoffMs(this.#failures++, RETRY)
    this.#timer = this.#host.clock.setTimeout(() => void this.#try(), waitMs)
  }

  #watchIdle(): void {
    this.#idleTimer = this.#host.clock.setTimeout(() => {
      const isIdle = this.session.streamCount === 0 && this.session.stats.requestsPending === 0
      if (isIdle && this.#wasIdle) this.session.destroy(new ProxyError('DESTROYED', 'the link was not in use'))
      else this.#watchIdle()
      this.#wasIdle = isIdle
    }, IDLE_MS / 2)
  }

  #onClose(): void {
    this.#host.clock.clearTimeout(this.#timer)
    this.#host.clock.clearTimeout(this.#idleTimer)
    if (!this.session.attached) this.#closeUnused()
    this.#wake()
    this.#host.onClose(this)
  }

  /** A connection that has no link of the session yet. */
  #closeUnused(): void {
    if (this.#welcome === null) this.#socket?.destroy()
  }
}

/**
 * Splits host:port, with an IPv6 address in brackets. A server can claim any port, and a socket for an impossible one stays
 * open for ever.
 * @throws ProxyError `LINK_CLOSED` if the address is not of this form
 */
function splitAddress(address: string): { host: string; port: number } {
  const end = address.lastIndexOf(':')
  const port = Number(address.slice(end + 1))
  if (end > 0 && Number.isInteger(port) && port > 0 && port < 65_536)
    return { host: address.slice(0, end).replace(/^\[|\]$/g, ''), port }
  throw new ProxyError('LINK_CLOSED', 'the server names an address for links that cannot be')
}

function ignore(): void {}
