import type { AckSchedule } from '../delivery/ack-schedule.js'
import type { FrameSender } from '../delivery/frame-sender.js'
import { protocolError } from '../errors.js'
import type { IncomingNotifications } from '../requests/incoming-notifications.js'
import type { IncomingRequests } from '../requests/incoming-requests.js'
import type { OutgoingRequests } from '../requests/outgoing-requests.js'
import type { StreamTable } from '../streams/stream-table.js'
import { FRAME, isSequenced } from '../wire/frame-types.js'
import { decodeAck } from '../wire/link-frames.js'

/** The handlers of each kind of frame. */
export interface FrameTakers {
  /** Counts the sequenced frames. */
  acks: AckSchedule
  /** ACK. */
  sender: FrameSender
  /** REQUEST. */
  asking: IncomingRequests
  /** RESPONSE. Null before the first request of this side. */
  asked: OutgoingRequests | null
  /** NOTIFY. */
  notifies: IncomingNotifications
  /** STREAM_* and unknown types. */
  streams: StreamTable
}

/** The incoming half of a session: counts the sequenced frames and passes each frame to its handler. */
export class FrameReceiver {
  readonly #takers: FrameTakers

  /** The handlers belong to the session. */
  constructor(takers: FrameTakers) {
    this.#takers = takers
  }

  /** Handles a frame from the link. @throws ProxyError for every violation */
  onFrame(type: number, body: Uint8Array): void {
    if (isSequenced(type)) {
      this.#takers.acks.count(body.byteLength)
      this.#dispatch(type, body)
    } else if (type === FRAME.ACK) {
      this.#onAck(decodeAck(body))
    } else {
      throw protocolError(`frame type ${type} in the middle of a session`)
    }
  }

  #dispatch(type: number, body: Uint8Array): void {
    if (type === FRAME.REQUEST) this.#takers.asking.onRequest(body)
    else if (type === FRAME.RESPONSE) this.#onResponse(body)
    else if (type === FRAME.NOTIFY) this.#takers.notifies.onNotify(body)
    else this.#takers.streams.onFrame(type, body)
  }

  /**
   * The peer counts a request as in flight until it knows that the response has arrived, so acknowledge it before
   * sending more requests.
   */
  #onResponse(body: Uint8Array): void {
    this.#takers.acks.hurry()
    const { asked } = this.#takers
    if (asked === null) throw protocolError('a response without a request')
    asked.onResponse(body)
  }

  #onAck(count: number): void {
    if (!this.#takers.sender.acknowledge(count)) throw protocolError(`an acknowledgement of ${count} frames`)
  }
}
