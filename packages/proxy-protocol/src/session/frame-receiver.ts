import type { AckSchedule } from '../delivery/ack-schedule.js'
import type { FrameSender } from '../delivery/frame-sender.js'
import { protocolError } from '../errors.js'
import type { IncomingNotifications } from '../requests/incoming-notifications.js'
import type { IncomingRequests } from '../requests/incoming-requests.js'
import type { OutgoingRequests } from '../requests/outgoing-requests.js'
import type { StreamTable } from '../streams/stream-table.js'
import { FRAME, isSequenced } from '../wire/frame-types.js'
import { decodeAck } from '../wire/link-frames.js'

/** Who takes which frames. */
export interface FrameTakers {
  /** Counts the sequenced ones. */
  acks: AckSchedule
  /** ACK. */
  sender: FrameSender
  /** REQUEST. */
  asking: IncomingRequests
  /** RESPONSE. */
  asked: OutgoingRequests
  /** NOTIFY. */
  notifies: IncomingNotifications
  /** STREAM_*, and whatever is unknown. */
  streams: StreamTable
}

/** The incoming half of a session: counts what is sequenced and hands every frame to its taker. */
export class FrameReceiver {
  readonly #takers: FrameTakers

  /** Collaborators are the session's. */
  constructor(takers: FrameTakers) {
    this.#takers = takers
  }

  /** A frame from the link. @throws ProxyError for every violation */
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

  /** The peer counts a request as in flight until it knows that the answer has arrived: tell it before we ask more. */
  #onResponse(body: Uint8Array): void {
    this.#takers.acks.hurry()
    this.#takers.asked.onResponse(body)
  }

  #onAck(count: number): void {
    if (!this.#takers.sender.acknowledge(count)) throw protocolError(`an acknowledgement of ${count} frames`)
  }
}
