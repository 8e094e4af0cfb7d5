import type { DhtNode } from '../network/dht-node.js'
import { NodeShare } from '../swarm/node-share.js'

/** Milliseconds that an application has to destroy its node after the last swarm on it. */
const PATIENCE_MS = 2000

/** What a process has although it is done: timers, of which a node has some, and standard input and output. */
const NOTHING = /^(Timeout|Immediate|TTYWrap|PipeWrap)$/

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

/** What of HyperDHT shows that somebody uses the node. */
interface NodeInUse {
  readonly destroyed: boolean
  readonly listening?: { readonly size: number }
}

let hasWarned = false

/**
 * An application that writes `dht: new HyperDHT()` keeps no reference to the node, and its process runs for ever, because UDX
 * sockets have no `unref`. So a process that seems to wait for nothing else is told, once.
 */
export function warnIfLeftOpen(node: DhtNode): void {
  const timer: unknown = setTimeout(() => look(node), PATIENCE_MS)
  ;(timer as { unref?(): void }).unref?.()
}

function look(node: DhtNode): void {
  const { process: host } = globalThis as { process?: Host }
  if (hasWarned || isUsed(node) || !seemsDone(host)) return
  hasWarned = true
  host?.emitWarning?.(
    'The node that was passed as `dht` is still open after the last swarm on it, and keeps the process running. Destroy it, or pass ' +
      '`ownsDht: true`; `ownsDht: false` says that this is on purpose.',
    { type: 'SwarmwayWarning', code: 'SWARMWAY_DHT_LEFT_OPEN' }
  )
}

function isUsed(node: DhtNode): boolean {
  const { destroyed, listening }: NodeInUse = node
  return destroyed || (listening?.size ?? 0) > 0 || NodeShare.isUsed(node)
}

/** Whether the process waits for nothing else. */
function seemsDone(host: Host | undefined): boolean {
  const resources = host?.getActiveResourcesInfo?.() ?? ['unknown']
  return host?.channel == null && resources.every((name) => NOTHING.test(name)) && !reads(host?.stdin)
}

/** A program with a prompt waits for its user. */
function reads(stdin: StandardInput | undefined): boolean {
  if (stdin === undefined || stdin.readableEnded) return false
  return stdin.listenerCount('data') + stdin.listenerCount('readable') > 0
}
