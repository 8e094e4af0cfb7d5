// `require` in a CommonJS file of TypeScript returns the class itself, with all exports. Compiled, never run.
import swarmModule = require('@swarmway/swarm')

import { ProxyClient, type ProxyClientOptions, ProxyError } from '@swarmway/proxy-client'
import { ProxyServer } from '@swarmway/proxy-server'
import SwarmDefault, { type Connection, type Swarm, type SwarmOptions, topicFrom } from '@swarmway/swarm'

const options: SwarmOptions = { maxPeers: 8 }
const swarm: swarmModule = new swarmModule(options)
swarm.on('connection', (connection) => connection.end('hello'))
// @ts-expect-error: an option that does not exist
new swarmModule({ maxPeer: 8 })

const { createGroup, Swarm: Same } = swarmModule
const same: Swarm = new Same()
const another: SwarmDefault = new SwarmDefault()
swarm.join(swarmModule.topicFrom('sample'))
swarm.join(topicFrom('sample'))
createGroup()

export type { Connection, ProxyClientOptions }
export { another, ProxyClient, ProxyError, ProxyServer, same }
