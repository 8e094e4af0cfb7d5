import type { FrameSender } from '../delivery/frame-sender.js'
import type { IncomingRequests } from '../requests/incoming-requests.js'
import type { OutgoingRequests } from '../requests/outgoing-requests.js'
import type { StreamTable } from '../streams/stream-table.js'

/** Numbers about a session; all except the totals are current values. */
export interface SessionStats {
  /** Stream ids in use. */
  streams: number
  /** Streams opened by either side, in total. */
  streamsOpened: number
  /** Streams of the peer refused by a limit, in total. */
  streamsRefused: number
  /** Requests of this side without a response. */
  requestsPending: number
  /** Requests of the peer being handled, or answered and not acknowledged. */
  requestsActive: number
  /** Requests of the peer answered, in total. */
  requestsAnswered: number
  /** Requests of the peer refused by a limit, in total. */
  requestsRefused: number
  /** Sequenced frames received, in total. */
  framesReceived: number
  /** Sequenced frames handed to links, each counted once, in total. */
  framesSent: number
  /** Frames sent again after a link was lost, in total. */
  framesResent: number
  /** Bytes of stream data sent and not acknowledged. */
  unackedBytes: number
  /** Bytes of responses not acknowledged. */
  responseBytes: number
  /** Bytes of other control frames not acknowledged. */
  controlBytes: number
  /** Bytes written to streams and not sent. */
  bufferedBytes: number
  /** Bytes received on streams and not read. */
  unreadBytes: number
  /** Links attached, in total. */
  links: number
}

/** The sources of the numbers. */
export interface StatsSources {
  /** Streams. */
  streams: StreamTable
  /** Requests of this side, if there were any. */
  asked: OutgoingRequests | null
  /** The peer's requests. */
  asking: IncomingRequests
  /** Outgoing frames. */
  sender: FrameSender
  /** Incoming frames. */
  received: number
  /** Number of links so far. */
  links: number
}

/** Collects a snapshot. */
export function collectStats({ streams, asked, asking, sender, received, links }: StatsSources): SessionStats {
  return {
    streams: streams.size,
    streamsOpened: streams.opened,
    streamsRefused: streams.refused,
    requestsPending: asked?.size ?? 0,
    requestsActive: asking.inFlight,
    requestsAnswered: asking.answered,
    requestsRefused: asking.refused,
    framesReceived: received,
    framesSent: sender.sent,
    framesResent: sender.resent,
    unackedBytes: sender.bytesOf('data'),
    responseBytes: sender.bytesOf('response'),
    controlBytes: sender.bytesOf('control'),
    bufferedBytes: streams.bufferedBytes,
    unreadBytes: streams.unreadBytes,
    links
  }
}
