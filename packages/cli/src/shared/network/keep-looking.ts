import { unref } from '@swarmway/runtime'
import type { PeerDiscoverySession, SwarmCore } from '@swarmway/swarm'

/** Milliseconds between searches while nobody is there. A swarm alone looks again after ten minutes. */
const AGAIN_MS = 60_000

/**
 * Looks for the one that announces a topic for as long as nobody is connected: at once when a connection has closed, and
 * each minute. Somebody is waiting for it, perhaps while the other machine sleeps or starts again.
 */
export function keepLooking(
  swarm: Pick<SwarmCore, 'connections' | 'destroyed' | 'on'>,
  session: Pick<PeerDiscoverySession, 'refresh'>
): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = () => {
    clearTimeout(timer)
    timer = unref(setTimeout(look, AGAIN_MS))
  }
  const look = () => {
    if (swarm.destroyed) return
    wait()
    if (swarm.connections.size === 0) session.refresh().catch(() => {})
  }
  wait()
  swarm.on('connection', (connection) => connection.once('close', look))
}
