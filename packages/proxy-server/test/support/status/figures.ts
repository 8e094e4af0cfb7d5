import type { Snapshot } from '../../../src/status/index.js'
import type { Point } from '../../../src/status/recording/history.js'

/** The figures of a healthy server, with the given ones replaced. */
export function figures(given: Partial<Snapshot> = {}): Snapshot {
  return {
    version: '1.2.3',
    startedAt: 1000,
    processes: 1,
    clients: 10,
    maxClients: 100,
    attached: 10,
    topics: 3,
    nativeStreams: 4,
    splicedStreams: 5,
    bytesIn: 0,
    bytesOut: 0,
    directConnections: 4,
    directBytes: 3_000_000,
    bufferedBytes: 0,
    maxBufferedBytes: 1000,
    rssBytes: 100,
    memoryBytes: 1000,
    loopDelayMs: 1,
    refusals: {},
    resets: {},
    dht: { nodes: 1, online: 1, firewalled: 0 },
    dhtWaiting: 0,
    workers: [],
    busiest: [],
    restarts: 0,
    errors: [],
    ...given
  }
}

/** A point of a plot. */
export function pointWith(given: Partial<Point>): Point {
  return {
    at: 1,
    clients: 0,
    nativeStreams: 0,
    splicedStreams: 0,
    inPerSecond: 0,
    outPerSecond: 0,
    bufferedBytes: 0,
    rssBytes: 0,
    loopDelayMs: 0,
    refusals: 0,
    resets: 0,
    ...given
  }
}
