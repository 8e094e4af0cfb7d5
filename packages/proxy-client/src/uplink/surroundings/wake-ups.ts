import { ChangeWatch, type Clock, unref, type WallClock } from '@swarmway/runtime'
import { networkFingerprint } from '#network'
import { lostAddresses } from '../../network/fingerprint.js'

/** Milliseconds between two looks at the clocks. */
const LOOK_MS = 3000
/** A look that is later than this comes after sleep, or after a stall that is as bad. */
const JUMP_MS = 5000

/** Events of a window or a worker's scope after which the network may be back. */
const SCOPE_EVENTS = ['pageshow'] as const
/** The browser had no network, and has one again. */
const NETWORK_EVENTS = ['online'] as const
/** Events of a document; it is looked at whether the page is visible. */
const DOCUMENT_EVENTS = ['visibilitychange', 'resume'] as const

const ADDRESSES = new ChangeWatch(networkFingerprint)

interface EventSource {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

/** What wake-ups are noticed with. */
export interface WakeUpOptions {
  readonly clock: Clock
  readonly wallClock: WallClock
  onWake(): void
  /** The machine has other addresses, or the browser another network. `lost`: those that it no longer has, where known. */
  onMove(lost: readonly string[]): void
}

/**
 * Notices when a link may be possible again, or may have died unnoticed: the network is back, the page is looked at
 * again, the machine has slept. Engines differ in whether timers and the monotonic clock run on during sleep, so a jump
 * of either clock counts. Returns a function that stops it.
 */
export function watchWakeUps(options: WakeUpOptions): () => void {
  const { navigator, window } = globalThis as { navigator?: { readonly connection?: unknown }; window?: unknown }
  const scope = isEventSource(globalThis) ? globalThis : window
  const onBrowserMove = () => options.onMove([])
  const stops = [
    listenTo(scope, SCOPE_EVENTS, options.onWake),
    listenTo(scope, NETWORK_EVENTS, onBrowserMove),
    watchConnection(navigator?.connection, onBrowserMove),
    ADDRESSES.watch(options.clock, (before, after) => options.onMove(lostAddresses(before, after))),
    watchDocument(options.onWake),
    watchClocks(options)
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Chromium tells when a phone changes from Wi-Fi to mobile; its estimates of speed change all the time. */
function watchConnection(connection: unknown, onMove: () => void): () => void {
  const typeNow = () => ((connection ?? {}) as { readonly type?: unknown }).type
  let type = typeNow()
  return listenTo(connection, ['change'], () => {
    const previous = type
    type = typeNow()
    if (type !== previous) onMove()
  })
}

function watchDocument(onWake: () => void): () => void {
  const { document } = globalThis as { document?: { readonly visibilityState?: string } }
  return listenTo(document, DOCUMENT_EVENTS, () => {
    if (document?.visibilityState !== 'hidden') onWake()
  })
}

function listenTo(source: unknown, types: readonly string[], listener: () => void): () => void {
  if (!isEventSource(source)) return () => {}
  for (const type of types) source.addEventListener(type, listener)
  return () => {
    for (const type of types) source.removeEventListener(type, listener)
  }
}

function isEventSource(value: unknown): value is EventSource {
  const { addEventListener, removeEventListener } = (value ?? {}) as Partial<EventSource>
  return typeof addEventListener === 'function' && typeof removeEventListener === 'function'
}

function watchClocks({ clock, onWake, wallClock }: WakeUpOptions): () => void {
  let timer: unknown = null
  const arm = () => {
    const [atMs, date] = [clock.now(), wallClock.now()]
    timer = unref(clock.setTimeout(() => look(atMs, date), LOOK_MS))
  }
  const look = (atMs: number, date: number) => {
    const lateMs = Math.max(clock.now() - atMs, wallClock.now() - date) - LOOK_MS
    arm()
    if (lateMs > JUMP_MS) onWake()
  }
  arm()
  return () => clock.clearTimeout(timer)
}
