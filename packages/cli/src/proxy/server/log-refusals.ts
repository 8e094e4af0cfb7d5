import type { Clock } from '@swarmway/proxy-protocol'
import type { RefusedUpgrade } from '@swarmway/proxy-server/websocket'
import type { Logger } from './log.js'

/** Milliseconds between two lines: a flood of refused requests must not fill the disk. */
const PAUSE_MS = 1000

/**
 * Logs upgrades that are refused, such as those of a page whose origin is not in `--origins`: the page itself does not
 * learn why. `others` counts those without a line of their own.
 */
export function logRefusals(log: Logger, logAddresses: boolean, clock: Clock): (refusal: RefusedUpgrade) => void {
  let nextAt = Number.NEGATIVE_INFINITY
  let others = 0
  return ({ origin, remoteAddress, status }) => {
    const now = clock.now()
    if (now < nextAt) {
      others++
      return
    }
    nextAt = now + PAUSE_MS
    const address = logAddresses ? remoteAddress : undefined
    log.warn({ status, origin, address, ...(others > 0 && { others }) }, MEANINGS[status] ?? 'upgrade refused')
    others = 0
  }
}

const MEANINGS: Readonly<Record<number, string>> = {
  403: 'page of another origin refused: see --origins',
  404: 'upgrade on another path refused: see --path'
}
