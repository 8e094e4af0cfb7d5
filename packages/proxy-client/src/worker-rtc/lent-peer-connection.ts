import { forward } from './forward.js'
import type { DataChannel, Describing, Handler, Order, Port, PortPair, Report, Request } from './messages.js'

/** The part of an `RTCPeerConnection` that is used. */
interface PeerConnection extends Describing {
  readonly connectionState: string
  readonly sctp: { readonly maxMessageSize: number } | null
  onicecandidate: Handler
  onconnectionstatechange: Handler
  ondatachannel: Handler
  createDataChannel(label: string, options?: object): DataChannel
  close(): void
}

interface Candidate {
  readonly candidate: string
  readonly sdpMid: string | null
  readonly sdpMLineIndex: number | null
}

/** The page's constructors. */
export interface PageRtc {
  readonly RTCPeerConnection: new (configuration: object) => PeerConnection
  readonly MessageChannel: new () => PortPair
}

/** A peer connection in a page, for a worker. Its channels go to the worker as soon as they exist: later they cannot. */
export class LentPeerConnection {
  readonly #port: Port
  readonly #rtc: PeerConnection
  readonly #page: PageRtc
  readonly #takesChannels: boolean
  readonly #onClosed: (lent: LentPeerConnection) => void

  constructor(
    page: PageRtc,
    { configuration, port, takesChannels }: Request,
    onClosed: (lent: LentPeerConnection) => void
  ) {
    const rtc = new page.RTCPeerConnection(configuration)
    this.#port = port
    this.#rtc = rtc
    this.#page = page
    this.#takesChannels = takesChannels
    this.#onClosed = onClosed
    rtc.onicecandidate = (event: { candidate: Candidate | null }) => this.#onCandidate(event.candidate)
    rtc.onconnectionstatechange = () => this.#onState(rtc.connectionState)
    rtc.ondatachannel = ({ channel }: { channel: DataChannel }) =>
      this.#hand(channel, { type: 'channel', label: channel.label })
    port.onmessage = ({ data }: { data: Order }) => this.#obey(data)
    port.addEventListener('close', () => this.end())
  }

  /** Closes it; the worker is told. */
  end(): void {
    this.#rtc.close()
    this.#report({ type: 'state', state: 'closed' })
    this.#port.close()
    this.#onClosed(this)
  }

  #obey(order: Order): void {
    if (order.type === 'close') this.end()
    else if (order.type === 'call') void this.#call(order)
    else this.#open(order)
  }

  async #call({ id, method, argument }: Order & { type: 'call' }): Promise<void> {
    try {
      const result = await this.#rtc[method](argument ?? {})
      const value = result ? { type: result.type, sdp: result.sdp ?? '' } : undefined
      this.#report({ type: 'done', id, value, maxMessageSize: this.#rtc.sctp?.maxMessageSize ?? null })
    } catch (error) {
      this.#report({ type: 'failed', id, message: String(error) })
    }
  }

  #open({ id, label, options }: Order & { type: 'open' }): void {
    try {
      this.#hand(this.#rtc.createDataChannel(label, options), { type: 'opened', id })
    } catch {
      this.end()
    }
  }

  /** To the worker, or if that is not possible, a port that stands for it. */
  #hand(channel: DataChannel, report: { type: 'opened'; id: number } | { type: 'channel'; label: string }): void {
    if (this.#takesChannels && this.#transfer({ ...report, channel })) return
    const { port1, port2 } = new this.#page.MessageChannel()
    forward(channel, port1)
    this.#transfer({ ...report, channel: port2 })
  }

  #transfer(report: Report & { channel: object }): boolean {
    try {
      this.#port.postMessage(report, [report.channel])
      return true
    } catch {
      return false
    }
  }

  /** A worker that was terminated closes nothing, but its peers do when they hear nothing any more. */
  #onState(state: string): void {
    this.#report({ type: 'state', state })
    if (state === 'failed' || state === 'closed') this.end()
  }

  #onCandidate(found: Candidate | null): void {
    const candidate = found && {
      candidate: found.candidate,
      sdpMid: found.sdpMid,
      sdpMLineIndex: found.sdpMLineIndex
    }
    this.#report({ type: 'candidate', candidate })
  }

  #report(report: Report): void {
    this.#port.postMessage(report)
  }
}
