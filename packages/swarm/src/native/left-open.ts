import { unref } from '@swarmway/runtime'
import { NodeShare } from '../swarm/node-share.js'
import { type Host, waitsForSomething } from './process-waits.js'

/** Milliseconds that an application has to destroy its node after the last swarm on it; then it is looked at as often. */
const PATIENCE_MS = 2000

/** The nodes sleep this long if the process does not end. In steps: after a stall, its event loop still needs turns to end. */
const SLEEP_STEP_MS = 100
const SLEEP_STEPS = 5

/** Listeners that HyperDHT itself adds, one each. */
const OWN_LISTENERS = new Set<string | symbol>(['network-change', 'network-update', 'persistent'])

/** The members of HyperDHT that show whether the node is in use, and those that put it to sleep. */
interface LeftNode {
  readonly destroyed: boolean
  readonly suspended: boolean
  readonly listening: { readonly size: number }
  /** Connections and those that are being made. */
  readonly rawStreams: { readonly size: number }
  readonly stats: { readonly queries: { readonly active: number } }
  /** Requests that are under way; only nodes that have sockets keep a process running. */
  readonly io: { readonly inflight: { readonly length: number } }
  /** Whether it was made to answer others, as it does once it has bootstrapped. */
  readonly _forcePersistent: boolean
  readonly _tickInterval: { unref?(): void }
  eventNames(): (string | symbol)[]
  listenerCount(event: string | symbol): number
  suspend(): Promise<void>
  resume(): Promise<void>
}

/** Nodes that nobody uses and nobody has destroyed. */
const left = new Set<LeftNode>()
let nextLook: ReturnType<typeof setTimeout> | undefined
let hasWarned = false
let hasSlept = false

/**
 * An application that writes `dht: new HyperDHT()` keeps no reference to the node, and its process would run for ever, because
 * UDX sockets have no `unref`. So once a process seems to wait for nothing but nodes that were left, they are suspended, once.
 * That ends the process, unless it waits for something that cannot be seen. Then the nodes are resumed and left alone.
 */
export function watchLeftNode(node: object): void {
  const { process: host } = globalThis as { process?: Host }
  if (hasSlept || !isHyperDht(node) || host?.getActiveResourcesInfo === undefined) return
  left.add(node)
  lookLater(host)
}

/** A node of another kind, or of another version of HyperDHT, is left alone. */
function isHyperDht(node: object): node is LeftNode {
  const { io, listening, rawStreams, stats, suspend, _forcePersistent, _tickInterval } = node as Partial<LeftNode>
  const members = [io?.inflight, listening?.size, rawStreams?.size, stats?.queries?.active, suspend, _tickInterval]
  return members.every((member) => member !== undefined) && typeof _forcePersistent === 'boolean'
}

/** Looks once no node was left for a while: until then, the application is still at work. */
function lookLater(host: Host): void {
  clearTimeout(nextLook)
  nextLook = unref(setTimeout(() => look(host), PATIENCE_MS))
}

function look(host: Host): void {
  for (const node of left) if (node.destroyed || NodeShare.isUsed(node)) left.delete(node)
  // One that sleeps has no sockets, so the process does not wait for it.
  const awake = [...left].filter(({ suspended }) => !suspended)
  // Then each timer that Node names is somebody else's. The sockets keep the process, so that it ticks on.
  for (const { _tickInterval } of awake) _tickInterval.unref?.()
  if (awake.length > 0 && !awake.some(isBusy) && !waitsForSomething(host)) onIdle(awake, host)
  if (left.size > 0) lookLater(host)
}

function isBusy({ io, listening, rawStreams, stats }: LeftNode): boolean {
  return listening.size + rawStreams.size + stats.queries.active + io.inflight.length > 0
}

function onIdle(nodes: readonly LeftNode[], host: Host): void {
  const mayEnd = nodes.every((node) => !node._forcePersistent && !hasListeners(node))
  if (!hasWarned) warn(host, mayEnd)
  hasWarned = true
  if (mayEnd) void sleep(nodes)
}

/** The application may wait for an event of its node. */
function hasListeners(node: LeftNode): boolean {
  return node.eventNames().some((event) => node.listenerCount(event) > (OWN_LISTENERS.has(event) ? 1 : 0))
}

function warn(host: Host, mayEnd: boolean): void {
  const end = mayEnd
    ? 'is suspended now, so that the process ends if it waits for nothing else'
    : 'keeps the process running'
  host.emitWarning?.(
    `The node that was passed as \`dht\` was still open after the last swarm or proxy server on it, and ${end}. Destroy it, or ` +
      'pass `ownsDht: true`; `ownsDht: false` says that this is on purpose.',
    { type: 'SwarmwayWarning', code: 'SWARMWAY_DHT_LEFT_OPEN' }
  )
}

async function sleep(nodes: readonly LeftNode[]): Promise<void> {
  hasSlept = true
  left.clear()
  await Promise.allSettled(nodes.map((node) => node.suspend()))
  wakeLater(nodes, SLEEP_STEPS)
}

/** Runs only if the process has not ended. */
function wakeLater(nodes: readonly LeftNode[], steps: number): void {
  if (steps > 0 && !nodes.some((node) => NodeShare.isUsed(node)))
    unref(setTimeout(() => wakeLater(nodes, steps - 1), SLEEP_STEP_MS))
  else for (const node of nodes) node.resume().catch(ignore)
}

function ignore(): void {}
