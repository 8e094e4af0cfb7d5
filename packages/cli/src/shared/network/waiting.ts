import type { OfflineState, SwarmCore } from '@swarmway/swarm'
import type { Status } from '../terminal/status.js'
import type { Network } from './types.js'

/** Milliseconds after which somebody who waits is told what for. */
export const PATIENCE_MS = 2500

const GONE: Readonly<Partial<Record<OfflineState['reason'], string>>> = {
  NO_ANSWER: 'No node of the DHT answers; trying again. "swarmway doctor" finds out why; --proxy needs no UDP.',
  SERVER_OFFLINE:
    'The proxy server cannot reach the DHT: it only connects its own clients. Both sides need the same --proxy now, or two of one fleet.'
}

const BACK: typeof GONE = {
  NO_ANSWER: 'The DHT answers again.',
  SERVER_OFFLINE: 'The proxy server reaches the DHT again.'
}

/** Says when the DHT is out of reach, and when it is back. A lost link to the proxy server is reported elsewhere. */
export function watchReach({ swarm }: Pick<Network, 'swarm'>, status: Status): void {
  let said: OfflineState['reason'] | null = null
  const onOffline = ({ reason }: OfflineState) => {
    const text = GONE[reason]
    if (text === undefined || said === reason) return
    said = reason
    status.say(text)
  }
  if (swarm.offline !== null) onOffline(swarm.offline)
  swarm.on('offline', onOffline)
  swarm.on('online', () => {
    const text = said === null ? undefined : BACK[said]
    said = null
    if (text !== undefined) status.say(text)
  })
}

/**
 * Says what is missing if a topic or a key has not been announced after a moment, and when it is there. `announced` resolves
 * to false if the announcement failed; the swarm then tries again, and we ask again.
 */
export function sayWhenAnnounced(
  { isProxied, swarm }: Pick<Network, 'isProxied' | 'swarm'>,
  announced: () => Promise<unknown>,
  status: Status
): void {
  let hasSaid = false
  const remark = setTimeout(() => {
    if (swarm.destroyed) return
    hasSaid = true
    status.say(waitingFor(isProxied, swarm))
  }, PATIENCE_MS)
  remark.unref()
  untilTrue(announced, swarm)
    .then(() => hasSaid && !swarm.destroyed && status.say('We are in the DHT: everybody can find us now.'))
    // The command reports it.
    .catch(() => {})
    .finally(() => clearTimeout(remark))
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref())
}

async function untilTrue(ask: () => Promise<unknown>, swarm: SwarmCore): Promise<void> {
  while ((await ask()) === false && !swarm.destroyed) await moment()
}

/** Resolves when a topic that was joined is announced in the DHT, to whether that succeeded. */
export async function announcementOf(swarm: SwarmCore, topic: Uint8Array): Promise<boolean> {
  return (await swarm.status(topic)?.flushed()) ?? false
}

/** Says so if `work` takes a moment, but not after the signal has fired. Settles as `work` does. */
export async function sayIfLate<T>(work: Promise<T>, text: string, status: Status, signal: AbortSignal): Promise<T> {
  const remark = setTimeout(() => status.say(text), PATIENCE_MS)
  const forget = () => clearTimeout(remark)
  if (signal.aborted) forget()
  signal.addEventListener('abort', forget, { once: true })
  return work.finally(() => {
    forget()
    signal.removeEventListener('abort', forget)
  })
}

function waitingFor(isProxied: boolean, { offline }: SwarmCore): string {
  if (offline?.reason === 'NO_LINK') return 'Not announced yet: waiting for the proxy server.'
  if (isProxied) {
    return 'The DHT has not answered the proxy server yet. Those who use the same --proxy can find us already.'
  }
  return 'The DHT has not answered yet; until then, nobody finds us.'
}
