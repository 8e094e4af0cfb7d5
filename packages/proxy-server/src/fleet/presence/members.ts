import type { Clock, FleetServerBody, MonotonicMs } from '@swarmway/proxy-protocol'
import { readableNames } from '../names.js'
import type { OpenedMessage } from './envelope.js'
import type { FleetServer } from './presence.js'

/** Most servers of a fleet. */
const MAX_SERVERS = 256
/** Longest lease that is granted. */
const MAX_LEASE_MS = 60_000

interface Member {
  server: FleetServer
  /** When its lease began. */
  leaseFromMs: MonotonicMs
  counter: number
  /** Whether its lease had ended at the last look. */
  isLate: boolean
}

/** Is told about servers that come and go. */
export interface MembersListener {
  onJoined(server: FleetServer): void
  onChanged(server: FleetServer): void
  onLeft(server: FleetServer): void
}

/**
 * The other servers of a fleet, and their leases. A lease ends only if this server has heard itself through the broker
 * meanwhile: a broker that is slow or away ends no lease.
 */
export class Members {
  readonly servers = new Map<string, FleetServer>()
  readonly #clock: Clock
  readonly #listener: MembersListener
  readonly #members = new Map<string, Member>()
  /** The last message of servers that have left or were forgotten, so that nobody can bring them back with an old one. */
  readonly #left = new Map<string, number>()
  #echoMs: MonotonicMs

  constructor(clock: Clock, listener: MembersListener) {
    this.#clock = clock
    this.#listener = listener
    this.#echoMs = clock.now()
  }

  /** Whether a message is newer than all before it of its sender. Notes that the sender has been heard. */
  isNew({ counter, sender }: OpenedMessage): boolean {
    const member = this.#members.get(sender)
    if (member === undefined) return counter > (this.#left.get(sender) ?? 0)
    if (counter <= member.counter) return false
    member.counter = counter
    return true
  }

  /** A server has described itself. */
  heard({ counter, publicKey, sender }: OpenedMessage, body: FleetServerBody): void {
    const leaseMs = Math.min(body.leaseMs, MAX_LEASE_MS)
    const heardMs = this.#clock.now()
    const server: FleetServer = { ...body, ...readableNames(body, sender), leaseMs, id: sender, publicKey, heardMs }
    const known = this.#members.get(sender)
    if (known === undefined && this.#members.size >= MAX_SERVERS) return
    this.#members.set(sender, { server, leaseFromMs: heardMs, counter, isLate: false })
    this.servers.set(sender, server)
    if (known === undefined) this.#listener.onJoined(server)
    else this.#listener.onChanged(server)
  }

  /** A server has left. */
  left({ sender }: OpenedMessage): void {
    this.#forget(sender)
  }

  /** This server's own description has come back from the broker. */
  echo(): void {
    this.#echoMs = this.#clock.now()
  }

  /** All leases begin again: the broker answers after an outage. */
  renew(): void {
    for (const member of this.#members.values())
      Object.assign(member, { leaseFromMs: this.#clock.now(), isLate: false })
  }

  /** Ends leases, on the second look: what the broker has delivered meanwhile may still wait to be read. */
  sweep(): void {
    for (const [id, member] of [...this.#members]) {
      const isLate = this.#echoMs - member.leaseFromMs >= member.server.leaseMs
      if (isLate && member.isLate) this.#forget(id)
      else member.isLate = isLate
    }
  }

  #forget(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    this.servers.delete(id)
    this.#note(id, member.counter)
    this.#listener.onLeft(member.server)
  }

  #note(id: string, counter: number): void {
    this.#left.delete(id)
    this.#left.set(id, counter)
    const [oldest] = this.#left.keys()
    if (this.#left.size > MAX_SERVERS && oldest !== undefined) this.#left.delete(oldest)
  }
}
