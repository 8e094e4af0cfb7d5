import type { WallClock } from '@swarmway/runtime'
import type { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import type { FinderListener } from '../../src/discovery/finder.js'
import type { MulticastBus } from '../../src/lan/bus.js'
import { LanDiscovery } from '../../src/lan/lan-discovery.js'
import type { Address } from '../../src/network/dht-node.js'

/** Milliseconds that a packet takes. */
const LATENCY_MS = 1

/** A packet as the network saw it. */
export interface SeenPacket {
  readonly bytes: Uint8Array
  readonly from: Address
  /** Null for a multicast. */
  readonly to: Address | null
}

/** A local network without sockets: it keeps every packet, and a test can lose some and add others. */
export class FakeLan {
  readonly clock: FakeClock
  readonly seen: SeenPacket[] = []
  readonly buses = new Set<FakeBus>()
  loses: (packet: SeenPacket) => boolean = () => false
  /** Whether a packet that was not lost altogether arrives at `host`. */
  reaches: (packet: SeenPacket, host: string) => boolean = () => true

  constructor(clock: FakeClock) {
    this.clock = clock
  }

  /** Packets to everybody, from `host` or from all hosts. */
  multicasts(host?: string): SeenPacket[] {
    return this.seen.filter(({ from, to }) => to === null && (host === undefined || from.host === host))
  }

  unicasts(host?: string): SeenPacket[] {
    return this.seen.filter(({ from, to }) => to !== null && (host === undefined || from.host === host))
  }

  send(packet: SeenPacket): void {
    this.seen.push(packet)
    if (this.loses(packet)) return
    for (const bus of this.buses) {
      const isFor = packet.to === null || bus.host === packet.to.host
      if (isFor && this.reaches(packet, bus.host)) this.clock.schedule(() => bus.receive(packet), LATENCY_MS)
    }
  }
}

/** One host's end of a {@link FakeLan}. */
export class FakeBus implements MulticastBus {
  readonly host: string
  refreshes = 0
  readonly #lan: FakeLan
  #onPacket: ((packet: Uint8Array, from: Address) => void) | null = null

  constructor(lan: FakeLan, host: string) {
    this.#lan = lan
    this.host = host
    lan.buses.add(this)
  }

  get isOpen(): boolean {
    return this.#onPacket !== null
  }

  open(onPacket: (packet: Uint8Array, from: Address) => void): void {
    this.#onPacket = onPacket
  }

  refresh(): void {
    this.refreshes++
  }

  multicast(bytes: Uint8Array): void {
    this.#lan.send({ bytes, from: { host: this.host, port: 5000 }, to: null })
  }

  unicast(bytes: Uint8Array, to: Address): void {
    this.#lan.send({ bytes, from: { host: this.host, port: 5000 }, to })
  }

  isLocal(host: string): boolean {
    return host.startsWith('10.0.0.')
  }

  receive({ bytes, from }: SeenPacket): void {
    this.#onPacket?.(bytes, from)
  }

  async close(): Promise<void> {
    this.#onPacket = null
  }
}

/** What a peer on a {@link FakeLan} has found. */
export interface Found {
  publicKey: Uint8Array
  address: Address
  isNews: boolean
  hasFoundUs: boolean
}

/** A peer on a fake network: a discovery, and what it has reported. */
export class FakeLanPeer implements FinderListener {
  readonly bus: FakeBus
  readonly publicKey: Uint8Array
  readonly lan: LanDiscovery
  readonly found: Found[] = []
  readonly gone: Uint8Array[] = []
  port: number | null = 4000

  /** `wallClock` if the host's time of day differs from the network's. */
  constructor(network: FakeLan, number: number, wallClock: WallClock = network.clock.wall, random = () => 0.5) {
    this.bus = new FakeBus(network, `10.0.0.${number}`)
    this.publicKey = new Uint8Array(32).fill(number)
    const { bus, publicKey } = this
    this.lan = new LanDiscovery({
      bus,
      publicKey,
      clock: network.clock,
      wallClock,
      random,
      port: () => this.port
    })
  }

  /** Joins the topic: to find, to be found, or both. */
  join(topic: Uint8Array, isClient = true, isServer = true) {
    const joined = this.lan.join(topic, this)
    joined.update({ isClient, isServer })
    return joined
  }

  onPeer(publicKey: Uint8Array, address: Address, isNews: boolean, hasFoundUs: boolean): void {
    this.found.push({ publicKey: Uint8Array.from(publicKey), address, isNews, hasFoundUs })
  }

  onGone(publicKey: Uint8Array): void {
    this.gone.push(Uint8Array.from(publicKey))
  }
}
