/**
 * A network with a round-trip time, made of loopback addresses and one process in between, without any privilege.
 *
 * Every host binds to an address of its own, its real one, and is known to all others by a second one, its shown
 * address, where the delay process listens in its place. A packet to a shown address is held for half the round trip
 * and sent on to the real one, from the shown address of its sender: translation one to one, as if both were public.
 * So all packets are delayed, those that UDX sends natively included, and no host ever sees a real address.
 *
 * Needs a system on which all of 127.0.0.0/8 can be bound, which Linux is.
 */
import { createSocket, type Socket } from 'node:dgram'
import type { Address } from './modules.ts'

/** The port that every host binds for its DHT node; those of its other sockets are found out as they send. */
const HOST_PORT = 42_737

const REAL_PREFIX = '127.1.0.'
const SHOWN_PREFIX = '127.2.0.'
const TICK_MS = 1
const BUFFER_BYTES = 4 << 20

/** Where host `index` (1 to 254) binds. */
export function realAddress(index: number): Address {
  return { host: `${REAL_PREFIX}${index}`, port: HOST_PORT }
}

/** Where the others find host `index`. */
export function shownAddress(index: number): Address {
  return { host: `${SHOWN_PREFIX}${index}`, port: HOST_PORT }
}

/** Resolves to why there can be no such network here, or null if there can. */
export function whyUnavailable(): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', (error) => resolve(`${realAddress(1).host} cannot be bound here (${error.message})`))
    socket.bind(0, realAddress(1).host, () => socket.close(() => resolve(null)))
  })
}

interface Packet {
  dueTime: number
  from: Socket
  to: Address
  data: Uint8Array
}

/** The process in between. */
export class DelayedNet {
  readonly #delayMs: number
  /** By shown address, as `host:port`. */
  readonly #sockets = new Map<string, Socket>()
  /** In the order in which they are due, as all are held equally long. */
  #held: Packet[] = []

  constructor(rttMs: number) {
    this.#delayMs = rttMs / 2
  }

  /** Begins to carry packets for hosts 1 to `count`. */
  async start(count: number): Promise<void> {
    const sockets = Array.from({ length: count }, (_, index) => this.#socketAt(shownAddress(index + 1)))
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('listening', resolve))))
    setInterval(() => this.#release(), TICK_MS)
  }

  #socketAt({ host, port }: Address): Socket {
    const key = `${host}:${port}`
    const known = this.#sockets.get(key)
    if (known !== undefined) return known
    const socket = createSocket('udp4')
    const realHost = host.replace(SHOWN_PREFIX, REAL_PREFIX)
    socket.bind(port, host, () => socket.setRecvBufferSize(BUFFER_BYTES))
    socket.on('error', () => {})
    socket.on('message', (data, sender) => this.#hold(data, sender, { host: realHost, port }))
    this.#sockets.set(key, socket)
    return socket
  }

  #hold(data: Uint8Array, sender: { address: string; port: number }, to: Address): void {
    if (!sender.address.startsWith(REAL_PREFIX)) return
    const from = this.#socketAt({ host: sender.address.replace(REAL_PREFIX, SHOWN_PREFIX), port: sender.port })
    this.#held.push({ dueTime: performance.now() + this.#delayMs, from, to, data })
  }

  #release(): void {
    const now = performance.now()
    const firstKept = this.#held.findIndex(({ dueTime }) => dueTime > now)
    const due = firstKept === -1 ? this.#held.splice(0) : this.#held.splice(0, firstKept)
    for (const { data, from, to } of due) from.send(data, to.port, to.host)
  }
}
