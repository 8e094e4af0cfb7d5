import type { DhtNode } from '../network/dht-node.js'
import { NodeShare } from '../swarm/node-share.js'

/** Milliseconds that an application has to destroy its node after the last swarm on it; then it is looked at as often. */
const PATIENCE_MS = 2000

/** A process that waits for no more than its nodes still has its standard input and output. */
const NOTHING = /^(Immediate|TTYWrap|PipeWrap)$/

/** The part of Node's `process` that is used; other platforms do not wait for a UDP socket to close. */
interface Host {
  readonly stdin?: StandardInput
  /** To the parent process, which may be what it waits for. */
  readonly channel?: object | null
  getActiveResourcesInfo?(): string[]
  emitWarning?(message: string, options: { type: string; code: string }): void
}

interface StandardInput {
  readonly readableEnded: boolean
  listenerCount(event: string): number
}

/** What of HyperDHT shows that somebody uses the node, and what it waits for. */
interface LeftNode {
  readonly destroyed: boolean
  readonly listening?: { readonly size: number }
  /** Requests over UDP without an answer, each with a timer. Only nodes that have sockets keep a process running. */
  readonly io?: { readonly inflight?: { readonly length: number } }
}

/** Nodes without a swarm that nobody has destroyed. */
const left = new Set<DhtNode & LeftNode>()
let hasWarned = false

/**
 * An application that writes `dht: new HyperDHT()` keeps no reference to the node, and its process runs for ever, because UDX
 * sockets have no `unref`. So a process that seems to wait for nothing else, now or later, is told, once.
 */
export function warnIfLeftOpen(node: DhtNode & LeftNode): void {
  const { process: host } = globalThis as { process?: Host }
  if (node.io?.inflight === undefined || left.has(node) || host?.getActiveResourcesInfo === undefined) return
  left.add(node)
  lookLater(node, host)
}

function lookLater(node: DhtNode & LeftNode, host: Host): void {
  const timer: unknown = setTimeout(() => {
    if (node.destroyed || NodeShare.isUsed(node)) left.delete(node)
    else look(host)
    if (left.has(node) && !hasWarned) lookLater(node, host)
  }, PATIENCE_MS)
  ;(timer as { unref?(): void }).unref?.()
}

function look(host: Host): void {
  if (hasWarned || !waitsForNodes(host)) return
  hasWarned = true
  host.emitWarning?.(
    'The node that was passed as `dht` is still open after the last swarm on it, and keeps the process running. Destroy it, or pass ' +
      '`ownsDht: true`; `ownsDht: false` says that this is on purpose.',
    { type: 'SwarmwayWarning', code: 'SWARMWAY_DHT_LEFT_OPEN' }
  )
}

/** Whether the process waits only for nodes that were left open and serve nobody. */
function waitsForNodes(host: Host): boolean {
  const resources = host.getActiveResourcesInfo?.() ?? ['unknown']
  const others = resources.filter((name) => !NOTHING.test(name))
  if (host.channel != null || reads(host.stdin) || others.some((name) => name !== 'Timeout')) return false
  const open = [...left].filter(({ destroyed }) => !destroyed)
  return others.length <= sum(open.map(timersOf)) && open.every(isIdle)
}

/** One that ticks, and those of the requests. A timer more is the application's: it may be about to destroy the node. */
function timersOf({ io }: LeftNode): number {
  return 1 + (io?.inflight?.length ?? 0)
}

function isIdle(node: DhtNode & LeftNode): boolean {
  return (node.listening?.size ?? 0) === 0 && !NodeShare.isUsed(node)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** A program with a prompt waits for its user. */
function reads(stdin: StandardInput | undefined): boolean {
  if (stdin === undefined || stdin.readableEnded) return false
  return stdin.listenerCount('data') + stdin.listenerCount('readable') > 0
}
