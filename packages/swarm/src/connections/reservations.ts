import type { MonotonicMs } from '@swarmway/runtime'
import b4a from 'b4a'
import type { Slot } from './table.js'

/** Milliseconds for which a reservation holds against any newcomer: enough for an honest peer on most paths. */
const PATIENCE_MS = 2000

/**
 * The reservation that gives way to a handshake from `host` on `topics` when there is no room: the oldest one of the host
 * that has the most, if that is more than the newcomer's host would have, or if it is old. So strangers who never finish
 * their handshakes do not keep others out. Null if there is none.
 */
export function weakestReservation(
  slots: Iterable<Slot>,
  host: string,
  nowMs: MonotonicMs,
  topics: readonly Uint8Array[]
): Slot | null {
  const reserved = [...slots].filter(isReservation)
  const counts = new Map<string, number>()
  for (const slot of reserved) counts.set(hostOf(slot), countOf(counts, hostOf(slot)) + 1)
  let chosen: Slot | null = null
  for (const slot of reserved) {
    if (!givesWay(slot, counts, host, nowMs)) continue
    if (chosen === null || isBetter(slot, chosen, counts, topics)) chosen = slot
  }
  return chosen
}

function givesWay(slot: Slot, counts: Map<string, number>, host: string, nowMs: MonotonicMs): boolean {
  const reservedAt = slot.inbound?.reservedAt ?? nowMs
  return countOf(counts, hostOf(slot)) > countOf(counts, host) + 1 || nowMs - reservedAt >= PATIENCE_MS
}

/** One on the newcomer's topics makes room on them. */
function isBetter(slot: Slot, other: Slot, counts: Map<string, number>, topics: readonly Uint8Array[]): boolean {
  const [isOn, isOtherOn] = [isOnAny(slot, topics), isOnAny(other, topics)]
  return isOn === isOtherOn ? countOf(counts, hostOf(slot)) > countOf(counts, hostOf(other)) : isOn
}

function isOnAny({ info }: Slot, topics: readonly Uint8Array[]): boolean {
  return topics.some((topic) => info.topics.some((known) => b4a.equals(known, topic)))
}

/** One that frees a place: nothing else is there with the peer, and it is counted. */
function isReservation({ dial, inbound, isAllowance, open }: Slot): boolean {
  return inbound !== null && dial === null && open === null && !isAllowance
}

function hostOf({ inbound }: Slot): string {
  return inbound?.host ?? ''
}

function countOf(counts: Map<string, number>, host: string): number {
  return counts.get(host) ?? 0
}
