import { type Clock, type DuplexLike, ProxyError } from '@swarmway/proxy-protocol'
import type { AbortSignalLike } from '@swarmway/swarm/core'
import type { Connect } from '../../options.js'
import { createAbort } from './abort.js'

/** A duplex on its way. */
export interface Opening {
  /** Rejects with LINK_TIMEOUT after the deadline, or with the error of `connect`. */
  readonly duplex: Promise<DuplexLike>
  /** Nobody waits any longer: aborts `connect`, and `duplex` rejects. Does not close a duplex that is open. */
  abandon(): void
}

/** Opens a duplex within `timeoutMs`. One that opens later is destroyed. */
export function openDuplex(connect: Connect, clock: Clock, timeoutMs: number): Opening {
  const aborting = createAbort()
  let giveUp: (error: ProxyError) => void = ignore
  const duplex = new Promise<DuplexLike>((resolve, reject) => {
    let isPending = true
    const settle = (): boolean => {
      const wasPending = isPending
      isPending = false
      clock.clearTimeout(timer)
      return wasPending
    }
    giveUp = (error) => {
      if (!settle()) return
      reject(error)
      aborting.abort()
    }
    const timer = clock.setTimeout(() => giveUp(tooSlow(timeoutMs)), timeoutMs)
    const onOpen = (opened: DuplexLike) => {
      if (settle()) resolve(opened)
      else opened.destroy()
    }
    const onError = (error: unknown) => {
      if (settle()) reject(error)
    }
    call(connect, aborting.signal).then(onOpen, onError)
  })
  return { duplex, abandon: () => giveUp(new ProxyError('ABORTED', 'the duplex is not needed any more')) }
}

async function call(connect: Connect, signal: AbortSignalLike): Promise<DuplexLike> {
  return connect(signal)
}

function tooSlow(timeoutMs: number): ProxyError {
  return new ProxyError('LINK_TIMEOUT', `the duplex did not open within ${timeoutMs} ms`)
}

function ignore(): void {}
