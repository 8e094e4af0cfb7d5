/** What a page and its worker tell each other so that the worker can have the page's peer connections. */

/** The part of a MessagePort that is used. */
export interface Port {
  onmessage: ((event: { data: never }) => void) | null
  addEventListener(type: 'close', listener: () => void): void
  postMessage(message: unknown, transfer?: object[]): void
  close(): void
}

/** Two ends. */
export interface PortPair {
  readonly port1: Port
  readonly port2: Port
}

/** The part of the global scope of pages and workers that is used. */
export interface PortScope {
  readonly MessageChannel: new () => PortPair
}

/** Handler of an event of WebRTC. */
export type Handler = ((event: never) => void) | null

/** The part of an `RTCDataChannel` that is used. */
export interface DataChannel {
  readonly label: string
  readonly readyState: string
  readonly bufferedAmount: number
  binaryType: string
  bufferedAmountLowThreshold: number
  onopen: Handler
  onmessage: Handler
  onbufferedamountlow: Handler
  onclose: Handler
  send(data: Uint8Array<ArrayBuffer>): void
  close(): void
}

/** The methods that create and apply descriptions. */
export interface Describing {
  createOffer(): Promise<{ type: string; sdp?: string }>
  createAnswer(): Promise<{ type: string; sdp?: string }>
  setLocalDescription(description: object): Promise<void>
  setRemoteDescription(description: object): Promise<void>
  addIceCandidate(candidate: object): Promise<void>
}

/** To the worker, from a page that lends: the port on which to ask for peer connections. */
export interface Loan {
  swarmwayRtc: Port
}

/** To the page, on the port of the loan, before a request. */
export type Question = 'are you there?'

/** From the page, on the same port: the answer to that, or null when the loan is over. */
export type Answer = 'yes' | null

/** Asks the page for a peer connection, and for what follows on a port of its own. */
export interface Request {
  configuration: object
  port: Port
  /** Whether this kind of worker knows data channels: a dedicated one may, a shared one does not. */
  takesChannels: boolean
}

/** To the page, on the port of a peer connection. Numbers are the worker's, and name what an answer is for. */
export type Order =
  | { type: 'call'; id: number; method: keyof Describing; argument: object | undefined }
  | { type: 'open'; id: number; label: string; options: object | undefined }
  | { type: 'close' }

/**
 * From the page, on the same port. Where a channel can be handed over, its data do not pass through the page. Else there is a
 * port for it.
 */
export type Report =
  | { type: 'done'; id: number; value: { type: string; sdp?: string } | undefined; maxMessageSize: number | null }
  | { type: 'failed'; id: number; message: string }
  | { type: 'opened'; id: number; channel: DataChannel | Port }
  | { type: 'channel'; label: string; channel: DataChannel | Port }
  | { type: 'candidate'; candidate: object | null }
  | { type: 'state'; state: string }

/** To the page, on the port of a channel: a message to send, or null to close the channel. */
export type Outgoing = ArrayBuffer | null

/** From the page, on the port of a channel: a message, how many bytes have left the channel so far, or its new state. */
export type Incoming = ArrayBuffer | number | 'open' | 'closed'

/** Tells the worker, on the port of a request, that there will be no peer connection. */
export function refuse(port: Port): void {
  const report: Report = { type: 'state', state: 'closed' }
  port.postMessage(report)
  port.close()
}
