import type { MonotonicMs } from '@swarmway/runtime'
import b4a from 'b4a'
import type { PendingInbound, Slot } from './table.js'
import type { UnfinishedHandshakes } from './unfinished.js'

/** Milliseconds for which a reservation holds against any newcomer: enough for an honest peer on most paths. */
const PATIENCE_MS = 2000

/** A handshake for which there is no room. */
export interface Newcomer {
  readonly host: string
  readonly topics: readonly Uint8Array[]
}

/** Whether a reservation has had the time that an honest peer needs. */
export function isOld({ reservedAt }: PendingInbound, nowMs: MonotonicMs): boolean {
  return nowMs - reservedAt >= PATIENCE_MS
}

/**
 * The reservation that gives way to `newcomer`: the oldest one of the host that has the most, if that is more than the
 * newcomer's host would have, or if it is old. Handshakes that a host has not finished of late count too. So strangers who
 * never finish theirs do not keep others out, not even from many hosts. Null if there is none.
 */
export function weakestReservation(
  slots: Iterable<Slot>,
  { host, topics }: Newcomer,
  unfinished: UnfinishedHandshakes,
  nowMs: MonotonicMs
): Slot | null {
  const reserved = [...slots].filter(isReservation)
  const counts = new Map([[host, unfinished.countOf(host)]])
  for (const slot of reserved)
    counts.set(hostOf(slot), (counts.get(hostOf(slot)) ?? unfinished.countOf(hostOf(slot))) + 1)
  let chosen: Slot | null = null
  for (const slot of reserved) {
    if (!givesWay(slot, counts, host, nowMs)) continue
    if (chosen === null || isBetter(slot, chosen, counts, topics)) chosen = slot
  }
  return chosen
}

function givesWay(slot: Slot, counts: Map<string, number>, host: string, nowMs: MonotonicMs): boolean {
  if (slot.inbound !== null && isOld(slot.inbound, nowMs)) return true
  return countOf(counts, hostOf(slot)) > countOf(counts, host) + 1
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
