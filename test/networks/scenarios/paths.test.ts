/** The path of a connection changes: seconds until data flows again in both directions. */
import { recoveryTest } from '../support/recovery.ts'

const EVERYBODY = ['swarmway', 'proxied', 'hyperswarm'] as const

recoveryTest({
  name: 'moved to another home, with another address',
  systems: EVERYBODY,
  extent: 'quick',
  happen: ({ troubled }) => troubled.move()
})

recoveryTest({
  name: 'NAT lost its mappings',
  systems: EVERYBODY,
  happen: ({ troubled }) => troubled.forgetMappings({ changesAddress: false })
})

recoveryTest({
  name: 'NAT lost its mappings and has another address',
  systems: EVERYBODY,
  happen: ({ troubled }) => troubled.forgetMappings({ changesAddress: true })
})
