import { type Clock, type DuplexLike, ProxyError } from '@swarmway/proxy-protocol'
import type { Connect } from '../options.js'

/** A duplex on its way. */
export interface Opening {
  /** Rejects with LINK_TIMEOUT after the deadline, or with the error of `connect`. */
  readonly duplex: Promise<DuplexLike>
  /** Ends the deadline, because nobody waits any longer. Does not close the duplex. */
  abandon(): void
}

/** Opens a duplex within `timeoutMs`. One that opens later is destroyed. */
export function openDuplex(connect: Connect, clock: Clock, timeoutMs: number): Opening {
  let timer: unknown = null
  const abandon = () => clock.clearTimeout(timer)
  const duplex = new Promise<DuplexLike>((resolve, reject) => {
    let isLate = false
    timer = clock.setTimeout(() => {
      isLate = true
      reject(new ProxyError('LINK_TIMEOUT', `the duplex did not open within ${timeoutMs} ms`))
    }, timeoutMs)
    const onOpen = (opened: DuplexLike) => {
      abandon()
      if (isLate) opened.destroy()
      else resolve(opened)
    }
    const onError = (error: unknown) => {
      abandon()
      reject(error)
    }
    call(connect).then(onOpen, onError)
  })
  return { duplex, abandon }
}

async function call(connect: Connect): Promise<DuplexLike> {
  return connect()
}
