import { BorrowedPeerConnection } from './borrowed-peer-connection.js'
import { Lenders } from './lenders.js'
import type { Loan, Port } from './messages.js'

/** The option `direct` of a swarm in a worker. More options can be added to it. */
export interface BorrowedRtc {
  /** The page's WebRTC. */
  readonly rtc: { readonly RTCPeerConnection: new (configuration: never) => object }
  /** Browsers decide which addresses of the local network a page may try. */
  readonly localAddresses: true
}

/** An event that may bring a loan. */
interface MessageLike {
  readonly data?: unknown
  readonly ports?: readonly SharedPort[]
  stopImmediatePropagation(): void
}

interface SharedPort {
  addEventListener(type: 'message', listener: (event: MessageLike) => void): void
}

/** The part of a worker's global scope that is used. */
interface WorkerScope {
  addEventListener(type: 'message' | 'connect', listener: (event: MessageLike) => void): void
}

/**
 * In a worker: the option `direct` of its swarm, with the WebRTC of a page that calls `lendRtc`. Call it once, when the worker
 * starts, so that no page's offer is missed. As long as no page lends, connections stay proxied. Of several pages, the
 * last to lend makes the peer connections, unless it does not answer. Listeners of the application do not see the messages
 * with which pages lend. A `SharedWorker` has to start the ports of its pages, by `start()` or by setting `onmessage`.
 */
export function borrowRtc(): BorrowedRtc {
  const lenders = new Lenders()
  const scope = globalThis as unknown as WorkerScope
  const onMessage = (event: MessageLike) => {
    if (!isLoan(event.data)) return
    event.stopImmediatePropagation()
    lenders.add(event.data.swarmwayRtc)
  }
  // A page would take loans from anybody who has a reference to its window.
  if (!('document' in globalThis)) scope.addEventListener('message', onMessage)
  scope.addEventListener('connect', ({ ports = [] }) => {
    // Not started: what came before the application listens would be lost.
    for (const port of ports) port.addEventListener('message', onMessage)
  })
  const takesChannels = 'RTCDataChannel' in globalThis
  class RTCPeerConnection extends BorrowedPeerConnection {
    constructor(configuration: never) {
      super((port: Port) => lenders.ask({ configuration, port, takesChannels }))
    }
  }
  return { rtc: { RTCPeerConnection }, localAddresses: true }
}

function isLoan(data: unknown): data is Loan {
  return typeof data === 'object' && data !== null && 'swarmwayRtc' in data
}
