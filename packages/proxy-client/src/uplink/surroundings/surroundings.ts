import { type Link, ProxyError, type Session } from '@swarmway/proxy-protocol'
import type { UplinkSettings } from '../../options.js'
import { watchPage } from './page-lifecycle.js'
import { type WakeUpOptions, watchWakeUps } from './wake-ups.js'

/** What an uplink tells, and wants to know, about its surroundings. */
export interface SurroundingsOwner extends Pick<WakeUpOptions, 'onMove' | 'onWake'> {
  session(): Session | null
  link(): Link | null
}

/**
 * Watches the page, and what may have brought the network back. A page that is closed takes leave, so that its peers need
 * not wait for it. Before the back/forward cache, in which the browser would close the socket as if the page were gone,
 * the link is cut: if the page returns, the session resumes.
 */
export class Surroundings {
  readonly #settings: Pick<UplinkSettings, 'clock' | 'wallClock'>
  readonly #owner: SurroundingsOwner
  #stops: (() => void)[] = []

  constructor(settings: Pick<UplinkSettings, 'clock' | 'wallClock'>, owner: SurroundingsOwner) {
    this.#settings = settings
    this.#owner = owner
  }

  /** Until `unwatch`. Repeated calls are fine. */
  watch(): void {
    if (this.#stops.length > 0) return
    const { clock, wallClock } = this.#settings
    const { link, onMove, onWake, session } = this.#owner
    this.#stops = [
      watchPage({
        onClose: () => session()?.destroy(new ProxyError('DESTROYED', 'the page was closed')),
        onCached: () => link()?.destroy(new ProxyError('LINK_CLOSED', 'the page is in the back/forward cache'))
      }),
      watchWakeUps({ clock, wallClock, onMove, onWake })
    ]
  }

  unwatch(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
  }
}
