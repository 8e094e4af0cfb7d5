import type { Snapshot } from '../figures/snapshot.js'
import type { LastMinute, Point } from './history.js'

/** `alarm`: clients are affected. `warning`: they soon will be, or some are. */
export type Level = 'well' | 'warning' | 'alarm'

/** The state of the server, in words. */
export interface Health {
  /** The level of the worst line. */
  level: Level
  /** The sentences to show, worst first; at least one. */
  lines: { level: Level; text: string }[]
}

/** The figures to judge. */
export interface Evidence extends LastMinute {
  snapshot: Snapshot
  /** The latest points, oldest first; a few are enough. */
  points: readonly Point[]
}

type Line = Health['lines'][number]

const NEARLY_FULL = 0.75
const FULL = 0.9
const SLOW_LOOP_MS = 250
/** Everybody notices this, even once. */
const VERY_SLOW_LOOP_MS = 400
/** One somewhat slow moment does not matter; two of these points do. */
const LOOP_POINTS = 5
const SLOW_POINTS = 2

const RANK: Readonly<Record<Level, number>> = { alarm: 0, warning: 1, well: 2 }

/** Judges the state of the server. */
export function judge(evidence: Evidence): Health {
  const checks = [refusing, dht, fleet, buffers, memory, eventLoop, clients, authentication, cutOff]
  const lines = checks.flatMap((check) => check(evidence)).sort((a, b) => RANK[a.level] - RANK[b.level])
  if (lines.length === 0) lines.push({ level: 'well', text: 'All well' })
  return { level: lines[0]?.level ?? 'well', lines }
}

function refusing({ refusals, snapshot }: Evidence): Line[] {
  const { maxClients = 0, maxEventLoopDelayMs = 0, maxGreetings = 0 } = refusals
  const full = `Refusing clients: ${times(maxClients)}, the limit is ${number(snapshot.maxClients)}`
  const flooded = `Refusing clients: ${times(maxGreetings)}, too many are connecting at once`
  const overloaded = `Refusing clients: ${times(maxEventLoopDelayMs)}, the server is overloaded`
  return [
    ...alarmIf(maxClients > 0, full),
    ...alarmIf(maxGreetings > 0, flooded),
    ...alarmIf(maxEventLoopDelayMs > 0, overloaded)
  ]
}

function dht({ snapshot }: Evidence): Line[] {
  const { nodes, online } = snapshot.dht
  if (online === nodes) return []
  if (online > 0) return [{ level: 'warning', text: `DHT offline in ${nodes - online} of ${nodes} processes` }]
  return [{ level: 'alarm', text: 'DHT offline: clients find only peers on this server' }]
}

function fleet({ snapshot }: Evidence): Line[] {
  const { online = 0, processes = 0 } = snapshot.fleet ?? {}
  const where = processes > 1 ? ` in ${processes - online} of ${processes} processes` : ''
  return warnIf(online < processes, `Broker of the fleet offline${where}: newcomers at other servers are not found`)
}

function buffers({ snapshot }: Evidence): Line[] {
  return fullness('Buffers', snapshot.bufferedBytes / snapshot.maxBufferedBytes, 'the fullest streams are reset')
}

function memory({ snapshot }: Evidence): Line[] {
  return fullness('Memory', snapshot.rssBytes / snapshot.memoryBytes, 'the system may kill the server')
}

function fullness(what: string, share: number, consequence: string): Line[] {
  if (share < NEARLY_FULL) return []
  return [
    { level: share < FULL ? 'warning' : 'alarm', text: `${what} ${percent(share)} full. At 100 % ${consequence}.` }
  ]
}

function clients({ refusals, snapshot }: Evidence): Line[] {
  const { clients, maxClients } = snapshot
  if (clients < FULL * maxClients || refusals['maxClients']) return []
  const fullness = clients < maxClients ? 'Nearly full' : 'Full'
  return [{ level: 'warning', text: `${fullness}: ${number(clients)} of at most ${number(maxClients)} clients` }]
}

function eventLoop({ points }: Evidence): Line[] {
  const latest = points.slice(-LOOP_POINTS)
  const slow = latest.filter((point) => point.loopDelayMs >= SLOW_LOOP_MS)
  const longest = Math.max(...latest.map((point) => point.loopDelayMs))
  const isVerySlow = (latest.at(-1)?.loopDelayMs ?? 0) >= VERY_SLOW_LOOP_MS
  return warnIf(isVerySlow || slow.length >= SLOW_POINTS, `Overloaded: requests wait for up to ${number(longest)} ms`)
}

function authentication({ refusals }: Evidence): Line[] {
  const { AUTH_TIMEOUT = 0 } = refusals
  return warnIf(AUTH_TIMEOUT > 0, `Authentication is too slow: clients refused ${times(AUTH_TIMEOUT)}`)
}

function cutOff({ resets }: Evidence): Line[] {
  const { BUFFER_LIMIT = 0 } = resets
  return warnIf(BUFFER_LIMIT > 0, `Streams reset because too many bytes waited: ${times(BUFFER_LIMIT)}`)
}

function alarmIf(condition: boolean, text: string): Line[] {
  return condition ? [{ level: 'alarm', text }] : []
}

function warnIf(condition: boolean, text: string): Line[] {
  return condition ? [{ level: 'warning', text }] : []
}

function times(count: number): string {
  return `${number(count)} in the last minute`
}

function number(value: number): string {
  return value.toLocaleString('en')
}

function percent(share: number): string {
  return `${Math.floor(share * 100)} %`
}
