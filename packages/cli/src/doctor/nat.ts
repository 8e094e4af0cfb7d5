import type { Finding } from './finding.js'

/** What a HyperDHT node knows about its own address. */
export interface NatView {
  /** Our address as others see it, null if they do not agree. */
  readonly host: string | null
  /** Our port as others see it, 0 if each sees a different one. */
  readonly port: number
  readonly randomized: boolean
  readonly firewalled: boolean
}

/** Describes the kind of NAT and what it means. */
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
  text: 'The kind of NAT is unknown: too few nodes have answered.',
  hint: 'Run the command again in a minute.'
}

const RANDOMIZED: Finding = {
  check: 'nat',
  level: 'note',
  text: 'Behind a NAT that uses another port for every remote: some peers cannot be reached directly.',
  hint: 'Peers behind the same kind of NAT need a relay (relayThrough) or a proxy server (--proxy).'
}
