import { BorrowedChannel } from './borrowed-channel.js'
import type { DataChannel, Describing, Handler, Order, Port, PortScope, Report } from './messages.js'
import { PortChannel } from './port-channel.js'

interface Pending {
  resolve(value: never): void
  reject(error: Error): void
}

/** What a worker has of a peer connection in a page. */
export class BorrowedPeerConnection implements Describing {
  connectionState = 'new'
  sctp: { readonly maxMessageSize: number } | null = null
  onicecandidate: Handler = null
  onconnectionstatechange: Handler = null
  ondatachannel: Handler = null
  readonly #port: Port
  readonly #calls = new Map<number, Pending>()
  readonly #channels = new Map<number, BorrowedChannel>()
  /** Takes back what was asked of pages, unless one has it. */
  readonly #cancel: () => void
  #lastId = 0

  /** `ask` sends the port to a page that makes the peer connection, and returns a function that cancels this. */
  constructor(ask: (port: Port) => () => void) {
    const { port1, port2 } = new (globalThis as unknown as PortScope).MessageChannel()
    this.#port = port1
    port1.onmessage = ({ data }: { data: Report }) => this.#onReport(data)
    port1.addEventListener('close', () => this.#onState('closed'))
    this.#cancel = ask(port2)
  }

  /** Throws once it is closed. */
  createDataChannel(label: string, options?: object): BorrowedChannel {
    if (this.connectionState === 'closed') throw closed()
    const channel = new BorrowedChannel(label)
    const id = ++this.#lastId
    this.#channels.set(id, channel)
    this.#order({ type: 'open', id, label, options })
    return channel
  }

  createOffer(): Promise<{ type: string; sdp?: string }> {
    return this.#call('createOffer')
  }

  createAnswer(): Promise<{ type: string; sdp?: string }> {
    return this.#call('createAnswer')
  }

  setLocalDescription(description: object): Promise<void> {
    return this.#call('setLocalDescription', description)
  }

  setRemoteDescription(description: object): Promise<void> {
    return this.#call('setRemoteDescription', description)
  }

  addIceCandidate(candidate: object): Promise<void> {
    return this.#call('addIceCandidate', candidate)
  }

  close(): void {
    this.#order({ type: 'close' })
    this.#end()
  }

  #call<T>(method: keyof Describing, argument?: object): Promise<T> {
    if (this.connectionState === 'closed') return Promise.reject(closed())
    const id = ++this.#lastId
    this.#order({ type: 'call', id, method, argument })
    return new Promise<T>((resolve, reject) => this.#calls.set(id, { resolve, reject }))
  }

  #order(order: Order): void {
    this.#port.postMessage(order)
  }

  #onReport(report: Report): void {
    if (report.type === 'candidate') fire(this.onicecandidate, { candidate: report.candidate })
    else if (report.type === 'state') this.#onState(report.state)
    else if (report.type === 'channel') this.#onChannel(report)
    else if (report.type === 'opened') {
      const channel = this.#channels.get(report.id)
      channel?.attach(received(channel.label, report.channel))
      this.#channels.delete(report.id)
    } else this.#onResult(report)
  }

  #onResult(report: Report & { type: 'done' | 'failed' }): void {
    const call = this.#calls.get(report.id)
    this.#calls.delete(report.id)
    if (report.type === 'failed') call?.reject(new Error(report.message))
    else {
      this.sctp = report.maxMessageSize === null ? null : { maxMessageSize: report.maxMessageSize }
      call?.resolve(report.value as never)
    }
  }

  #onChannel({ label, channel }: Report & { type: 'channel' }): void {
    const borrowed = new BorrowedChannel(label)
    fire(this.ondatachannel, { channel: borrowed })
    borrowed.attach(received(label, channel))
  }

  #onState(state: string): void {
    if (this.connectionState === 'closed') return
    this.connectionState = state
    if (state === 'closed') this.#end()
    fire(this.onconnectionstatechange, {})
  }

  #end(): void {
    this.connectionState = 'closed'
    this.#cancel()
    this.#port.close()
    for (const { reject } of this.#calls.values()) reject(closed())
    this.#calls.clear()
    const channels = [...this.#channels.values()]
    this.#channels.clear()
    for (const channel of channels) channel.end()
  }
}

function received(label: string, channel: DataChannel | Port): DataChannel {
  return 'send' in channel ? channel : new PortChannel(label, channel)
}

function closed(): Error {
  return new Error('the peer connection is closed')
}

function fire(handler: Handler, event: object): void {
  handler?.(event as never)
}
