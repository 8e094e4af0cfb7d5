import type { Finding } from './finding.js'

/** What a HyperDHT node knows about where it stands. */
export interface NatView {
  /** Our address as others see it, null if they do not agree. */
  readonly host: string | null
  /** Our port as others see it, 0 if each sees another. */
  readonly port: number
  readonly randomized: boolean
  readonly firewalled: boolean
}

/** What kind of NAT there is, and what that means. */
export function natFinding({ firewalled, host, port, randomized }: NatView): Finding {
  const data = { firewalled, randomized, ...(host === null ? {} : { host, port }) }
  if (host === null) return { ...UNKNOWN, data }
  if (randomized) return { ...RANDOMIZED, data }
  const address = `${host}:${port}`
  if (!firewalled)
    return { check: 'nat', level: 'ok', text: `Others reach this machine directly, at ${address}.`, data }
  const text = `Behind a NAT or firewall that keeps its ports (others see ${address}): hole punching works.`
  return { check: 'nat', level: 'ok', text, data }
}

const UNKNOWN: Finding = {
  check: 'nat',
  level: 'note',
  text: 'What kind of NAT this is cannot be told: too few nodes have answered.',
  hint: 'Run it again in a minute.'
}

const RANDOMIZED: Finding = {
  check: 'nat',
  level: 'note',
  text: 'Behind a NAT that gives every remote another port: some peers cannot be reached directly.',
  hint: 'Peers behind the same kind of NAT need a relay (relayThrough) or a proxy server (--proxy).'
}
