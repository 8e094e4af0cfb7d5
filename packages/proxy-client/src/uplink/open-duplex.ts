import { type Clock, type DuplexLike, ProxyError } from '@swarmway/proxy-protocol'
import type { AbortSignalLike } from '@swarmway/swarm/core'
import type { Connect } from '../options.js'
import { createAbort } from './abort.js'

/** A duplex on its way. */
export interface Opening {
  /** Rejects with LINK_TIMEOUT after the deadline, or with the error of `connect`. */
  readonly duplex: Promise<DuplexLike>
  /** Nobody waits any longer: ends the deadline, and aborts `connect`. Does not close a duplex that is open. */
  abandon(): void
}

/** Opens a duplex within `timeoutMs`. One that opens later is destroyed. */
export function openDuplex(connect: Connect, clock: Clock, timeoutMs: number): Opening {
  const aborting = createAbort()
  let timer: unknown = null
  let isPending = true
  const settled = () => {
    isPending = false
    clock.clearTimeout(timer)
  }
  const abandon = () => {
    if (isPending) aborting.abort()
    settled()
  }
  const duplex = new Promise<DuplexLike>((resolve, reject) => {
    let isLate = false
    timer = clock.setTimeout(() => {
      isLate = true
      reject(new ProxyError('LINK_TIMEOUT', `the duplex did not open within ${timeoutMs} ms`))
      abandon()
    }, timeoutMs)
    const onOpen = (opened: DuplexLike) => {
      settled()
      if (isLate) opened.destroy()
      else resolve(opened)
    }
    const onError = (error: unknown) => {
      settled()
      reject(error)
    }
    call(connect, aborting.signal).then(onOpen, onError)
  })
  return { duplex, abandon }
}

async function call(connect: Connect, signal: AbortSignalLike): Promise<DuplexLike> {
  return connect(signal)
}
