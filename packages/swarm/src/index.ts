/**
 * A topic-based peer-to-peer swarm over HyperDHT.
 * @packageDocumentation
 */
import { moduleExports } from '@swarmway/runtime'
import * as core from './core.js'
import { Swarm } from './native/swarm.js'

export * from './core.js'
export type { LanOptions } from './lan/options.js'
export type { SwarmOptions } from './swarm/options.js'
export { Swarm, Swarm as default, SwarmModule as 'module.exports' }

/** What `require` returns: the class, with all exports as its properties. */
const SwarmModule = /* @__PURE__ */ moduleExports(Swarm, () => Object.assign({ Swarm }, core))
type SwarmModule = Swarm
