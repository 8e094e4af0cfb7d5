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
  /** Connections and those that are being made. */
  readonly rawStreams?: { readonly size: number }
  /** Whether it asks other nodes and answers none. */
  readonly ephemeral?: boolean
  /** Whether it answers others once it has run for long, without having been told to. */
  readonly adaptive?: boolean
  destroy(): Promise<void>
  /** Requests over UDP without an answer, each with a timer. Only nodes that have sockets keep a process running. */
  readonly io: { readonly inflight: { readonly length: number } }
}

/** Nodes that nobody uses and nobody has destroyed, and whether their owner has had the time to. */
const left = new Map<LeftNode, boolean>()
let hasWarned = false

/**
 * An application that writes `dht: new HyperDHT()` keeps no reference to the node, and its process would run for ever, because
 * UDX sockets have no `unref`. So once a process seems to wait for nothing but nodes that were left, they are closed, unless
 * they serve others, and the process is told, once.
 */
export function watchLeftNode(node: object): void {
  const { process: host } = globalThis as { process?: Host }
  if (!hasSockets(node) || left.has(node) || host?.getActiveResourcesInfo === undefined) return
  left.set(node, false)
  lookLater(node, host)
}

function hasSockets(node: object): node is LeftNode {
  return (node as Partial<LeftNode>).io?.inflight !== undefined
}

function lookLater(node: LeftNode, host: Host): void {
  const timer: unknown = setTimeout(() => {
    left.set(node, true)
    if (node.destroyed || NodeShare.isUsed(node)) left.delete(node)
    else if (waitsForNodes(host)) closeLeft(host)
    if (left.has(node)) lookLater(node, host)
  }, PATIENCE_MS)
  ;(timer as { unref?(): void }).unref?.()
}

function closeLeft(host: Host): void {
  const mayClose = [...left.keys()].every(isForItself)
  if (!hasWarned) warn(host, mayClose)
  hasWarned = true
  for (const node of mayClose ? left.keys() : []) node.destroy().catch(ignore)
  left.clear()
}

function warn(host: Host, isClosed: boolean): void {
  const end = isClosed ? 'is closed now, since the process waits for nothing else' : 'keeps the process running'
  host.emitWarning?.(
    `The node that was passed as \`dht\` was still open after the last swarm or proxy server on it, and ${end}. Destroy it, or ` +
      'pass `ownsDht: true`; `ownsDht: false` says that this is on purpose.',
    { type: 'SwarmwayWarning', code: 'SWARMWAY_DHT_LEFT_OPEN' }
  )
}

/** Whether the process waits only for nodes that were left open and serve nobody. */
function waitsForNodes(host: Host): boolean {
  const resources = host.getActiveResourcesInfo?.() ?? ['unknown']
  const others = resources.filter((name) => !NOTHING.test(name))
  if (host.channel != null || reads(host.stdin) || others.some((name) => name !== 'Timeout')) return false
  const open = [...left.keys()].filter(({ destroyed }) => !destroyed)
  return others.length <= sum(open.map(timersOf)) && open.every(isIdle)
}

/** One that ticks, and those of the requests. A timer more is the application's: it may be about to destroy the node. */
function timersOf({ io }: LeftNode): number {
  return 1 + io.inflight.length
}

/** Whether it may be closed as far as can be seen. */
function isIdle(node: LeftNode): boolean {
  const { listening, rawStreams } = node
  const isBusy = (listening?.size ?? 0) > 0 || (rawStreams?.size ?? 0) > 0
  return left.get(node) === true && !isBusy && !NodeShare.isUsed(node)
}

/** One that was made to answer others, like a bootstrap node, serves them without any swarm. */
function isForItself({ adaptive = false, ephemeral = false }: LeftNode): boolean {
  return ephemeral || adaptive
}

function ignore(): void {}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** A program with a prompt waits for its user. */
function reads(stdin: StandardInput | undefined): boolean {
  if (stdin === undefined || stdin.readableEnded) return false
  return stdin.listenerCount('data') + stdin.listenerCount('readable') > 0
}
