import { onTestFinished } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import type { Signal } from '../../src/paths/control.js'
import { PeerConnections } from '../../src/paths/direct/peer-connections.js'
import { Upgrade, type UpgradeContext } from '../../src/paths/direct/upgrade.js'
import { createStats, type DirectStats } from '../../src/util/stats.js'
import { FakeRtcNet } from './fake-rtc.js'
import { pathStreams } from './memory-paths.js'

/** One of the two sides. */
export interface Side {
  readonly stats: DirectStats
  isWanted: boolean
  places: number
  baseLost: number
  reachable: number
}

/** Two ends with direct paths; the first asks. Without an answerer, the test answers for it, so that the first leads. */
export function setUpUpgrade(
  options: { net?: FakeRtcNet; hasAnswerer?: boolean; isWanted?: [boolean, boolean]; places?: number[] } = {}
) {
  const { net = new FakeRtcNet(), hasAnswerer = true, isWanted = [true, true], places = [1, 1] } = options
  const clock = new FakeClock()
  const streams = pathStreams(clock)
  onTestFinished(() => {
    for (const end of streams.ends) end.destroy()
  })
  const sides = isWanted.map(
    (wanted, index): Side => ({
      stats: createStats().direct,
      isWanted: wanted,
      places: places[index] ?? 0,
      baseLost: 0,
      reachable: 0
    })
  )
  const begin = (index: 0 | 1) => {
    const side = sides[index] as Side
    const context: UpgradeContext = {
      pool: new PeerConnections(true),
      clock,
      stats: side.stats,
      peer: new Uint8Array(32),
      onPath: () => {},
      spare: { begin: () => side.baseLost++, hurry: () => side.reachable++, onReady: () => {} },
      isWanted: () => side.isWanted,
      takePlace: () => side.places > 0 && side.places-- > 0,
      freePlace: () => side.places++,
      isAllowed: (candidate) => !candidate.includes('10.0.0.1'),
      createPeerConnection: () => new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    }
    return new Upgrade(streams.ends[index], index === 0, context)
  }
  const answerer = hasAnswerer ? begin(1) : null
  begin(0)
  const [one, other] = sides as [Side, Side]
  const isDirect = () => streams.ends.every((end) => !end.isOnFirstPath)
  const signal = (given: Partial<Signal>) =>
    streams.ends[1].sendSignal({ type: 'candidate', attempt: 1, index: 0, text: '', ...given })
  if (!hasAnswerer) signal({ type: 'ready' })
  return { ...streams, net, clock, one, other, isDirect, signal, answerer }
}
