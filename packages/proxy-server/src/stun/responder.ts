import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { type Clock, codeOf, RateLimit, RateLimits, systemClock } from '@swarmway/runtime'
import { networkOf, siteOf } from '../fairness/network-of.js'
import { answerBinding } from './message.js'

/** Options of a {@link StunResponder}. */
export interface StunOptions {
  /** UDP port; 0 for any free one. */
  port: number
  /** Address to listen on. Default: all IPv4 and IPv6 addresses. */
  host?: string
  /** Clock; default the platform's. */
  clock?: Clock
}

/** Answers to one network. A tab asks a few times for each attempt. The network that asked longest ago is forgotten first. */
const NETWORK_LIMITS = { perSecond: 10, capacity: 40, maxKeys: 4096 }
/** Answers to all: what the process can spare. */
const TOTAL_PER_SECOND = 2000
/** What a machine without IPv6 says. */
const NO_IPV6: ReadonlySet<string | undefined> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'])

/**
 * Tells browsers behind NATs their own addresses (STUN), so that they find direct paths without a third party. It keeps
 * nothing about them, and answers with a few bytes more than it is asked: useless to those who forge their address.
 */
export class StunResponder {
  /** Requests answered. */
  answered = 0
  /** Packets that were not requests, or too many. */
  ignored = 0
  readonly #socket: Socket
  readonly #total: RateLimit
  readonly #networks: RateLimits
  #closing: Promise<void> | null = null

  /** Rejects as the socket does, with EADDRINUSE for example. */
  static async listen({ clock = systemClock, host, port }: StunOptions): Promise<StunResponder> {
    if (host !== undefined) return new StunResponder(await bind(host, port), clock)
    try {
      return new StunResponder(await bind('::', port), clock)
    } catch (error) {
      if (!NO_IPV6.has(codeOf(error))) throw error
      return new StunResponder(await bind('0.0.0.0', port), clock)
    }
  }

  private constructor(socket: Socket, clock: Clock) {
    this.#socket = socket
    this.#total = new RateLimit(TOTAL_PER_SECOND, clock)
    this.#networks = new RateLimits(clock, NETWORK_LIMITS)
    socket.removeAllListeners('error')
    // An answer that cannot be sent is the same as one that is lost.
    socket.on('error', ignore)
    socket.on('message', (message, sender) => this.#onMessage(message, sender))
  }

  /** The UDP port. */
  get port(): number {
    return this.#socket.address().port
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => this.#socket.close(() => resolve()))
    return this.#closing
  }

  #onMessage(message: Uint8Array, sender: { address: string; port: number }): void {
    const answer = answerBinding(message, sender)
    if (answer === null || !this.#mayAnswer(sender.address)) {
      this.ignored++
      return
    }
    this.answered++
    this.#socket.send(answer, sender.port, sender.address, ignore)
  }

  #mayAnswer(address: string): boolean {
    return this.#networks.take(siteOf(networkOf(address))) && this.#total.take()
  }
}

async function bind(address: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ port, address }, resolve)
  }).catch((error: unknown) => {
    socket.close()
    throw error
  })
  return socket
}

function ignore(): void {}
