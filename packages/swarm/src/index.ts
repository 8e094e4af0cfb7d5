/**
 * A topic-based peer-to-peer swarm over HyperDHT.
 * @packageDocumentation
 */
export * from './core.js'
export type { LanOptions } from './lan/options.js'
export { Swarm, Swarm as default, Swarm as 'module.exports' } from './native/swarm.js'
export type { SwarmOptions } from './swarm/options.js'
