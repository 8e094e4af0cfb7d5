import { onTestFinished } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import type { Signal } from '../../src/paths/control.js'
import { PeerConnections } from '../../src/paths/direct/peer-connections.js'
import { Upgrade } from '../../src/paths/direct/upgrade.js'
import type { PathStream } from '../../src/paths/path-stream.js'
import { createStats, type DirectStats } from '../../src/util/stats.js'
import { FakeRtcNet } from './fake-rtc.js'
import { pathStreams } from './memory-paths.js'

/** A connection between two hosts. The one that asks is its first end. */
export interface Link {
  readonly ends: [PathStream, PathStream]
  readonly stats: [DirectStats, DirectStats]
}

/** Connections in memory between hosts whose WebRTC is in memory. */
export function setUpHosts() {
  const net = new FakeRtcNet()
  const clock = new FakeClock()
  const made: Link[] = []
  onTestFinished(() => {
    for (const { ends } of made) for (const end of ends) end.destroy()
  })
  const begin = (stream: PathStream, pool: PeerConnections, isAsker: boolean): DirectStats => {
    const stats = createStats().direct
    new Upgrade(stream, isAsker, {
      ...{ pool, clock, stats },
      peer: new Uint8Array(32),
      onPath() {},
      spare: null,
      isWanted: () => true,
      takePlace: () => true,
      freePlace() {},
      isAllowed: () => true,
      createPeerConnection: () => new net.rtc.RTCPeerConnection({ iceServers: [], iceTransportPolicy: 'all' })
    })
    return stats
  }
  const connect = (asking: PeerConnections, asked: PeerConnections): Link => {
    const { ends } = pathStreams(clock, made.length + 1)
    const link: Link = { ends, stats: [begin(ends[0], asking, true), begin(ends[1], asked, false)] }
    made.push(link)
    return link
  }
  /** One whose other end is the test, which sends what it likes. */
  const connectForged = (asking: PeerConnections) => {
    const { ends } = pathStreams(clock, 50 + made.length)
    const stats = begin(ends[0], asking, true)
    made.push({ ends, stats: [stats, stats] })
    const signal = (type: Signal['type'], text = '', attempt = 1) =>
      ends[1].sendSignal({ type, attempt, index: 0, text })
    return { ends, stats, signal }
  }
  const open = () => net.made.filter(({ isClosed }) => !isClosed)
  return { net, clock, made, connect, connectForged, open }
}

/** Whether both ends send on a direct path. */
export const isDirect = ({ ends }: Link) => ends.every((end) => !end.isOnFirstPath)

/** Two hosts. The second leads. */
export function hosts(): [PeerConnections, PeerConnections] {
  const both = [new PeerConnections(true), new PeerConnections(true)]
  return both.sort((one, other) => (one.hostId < other.hostId ? -1 : 1)) as [PeerConnections, PeerConnections]
}

/** Sends some bytes each way, and waits for them. */
export async function exchange({ ends }: Link): Promise<void> {
  for (const end of ends) end.resume()
  const before = ends.map((end) => end.bytesReceived)
  for (const end of ends) end.write(new Uint8Array(1000))
  await until(() => ends.every((end, index) => end.bytesReceived === (before[index] ?? 0) + 1000))
}
