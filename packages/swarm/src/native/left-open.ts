import type { DhtNode } from '../network/dht-node.js'

/** Milliseconds that an application has to destroy its node after the last swarm on it. */
const PATIENCE_MS = 2000

/** What a process has although it is done: timers, of which a node has some, and standard output. */
const NOTHING = /^(Timeout|Immediate|TTYWrap|PipeWrap)$/

/** The part of Node's `process` that is used; other platforms do not wait for a UDP socket to close. */
interface Host {
  /** To the parent process, which may be what it waits for. */
  readonly channel?: object | null
  getActiveResourcesInfo?(): string[]
  emitWarning?(message: string, options: { type: string; code: string }): void
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

function look(node: NodeInUse): void {
  const { process: host } = globalThis as { process?: Host }
  const resources = host?.getActiveResourcesInfo?.() ?? ['unknown']
  const isUsed = node.destroyed || (node.listening?.size ?? 0) > 0 || host?.channel != null
  if (hasWarned || isUsed || !resources.every((name) => NOTHING.test(name))) return
  hasWarned = true
  host?.emitWarning?.(
    'The node that was passed as `dht` is still open after the last swarm on it, and keeps the process running. Destroy it, or pass ' +
      '`ownsDht: true`; `ownsDht: false` says that this is on purpose.',
    { type: 'SwarmwayWarning', code: 'SWARMWAY_DHT_LEFT_OPEN' }
  )
}
