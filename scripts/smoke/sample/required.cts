// What `require` gives to TypeScript in a CommonJS file: the class itself, with all exports. Compiled, never run.
import clientModule = require('@swarmway/proxy-client')
import serverModule = require('@swarmway/proxy-server')
import swarmModule = require('@swarmway/swarm')
import hyperswarm = require('@swarmway/swarm/hyperswarm2')
import type typesModule = require('@swarmway/swarm')

import ProxyClientDefault, { ProxyClient, type ProxyClientOptions, ProxyError } from '@swarmway/proxy-client'
import OldClient from '@swarmway/proxy-client/discovery-swarm-stream'
import { messagePort } from '@swarmway/proxy-client/messageport'
import { websocket } from '@swarmway/proxy-client/websocket'
import ProxyServerDefault, { ProxyServer } from '@swarmway/proxy-server'
import { type StatusPageOptions, statusPage } from '@swarmway/proxy-server/status'
import { listen } from '@swarmway/proxy-server/websocket'
import type { Swarm as ImportedSwarm } from '@swarmway/swarm' with { 'resolution-mode': 'import' }
import type * as types from '@swarmway/swarm'
import SwarmDefault, { type Connection, type PeerInfo, Swarm, type SwarmOptions, topicFrom } from '@swarmway/swarm'
import { type SwarmCore, TypedEmitter } from '@swarmway/swarm/core'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function isTrue<_T extends true>(): void {}

// The class, however it is reached, also from ES modules.
isTrue<Equal<Swarm, swarmModule>>()
isTrue<Equal<Swarm, SwarmDefault>>()
isTrue<Equal<Swarm, types.Swarm>>()
isTrue<Equal<Swarm, ImportedSwarm>>()
isTrue<Equal<types.JoinOptions, typesModule.JoinOptions>>()

const options: SwarmOptions = { maxPeers: 8 }
const swarm: swarmModule = new swarmModule(options)
swarm.on('connection', (connection, info) => {
  isTrue<Equal<typeof connection, Connection>>()
  isTrue<Equal<typeof info, PeerInfo>>()
  isTrue<Equal<typeof info, swarmModule.PeerInfo>>()
  connection.end('hello')
})
// @ts-expect-error: an option that does not exist
new swarmModule({ maxPeer: 8 })
// @ts-expect-error: an event that does not exist
swarm.on('conection', () => {})
// @ts-expect-error: an export that does not exist
swarmModule.topicOf

const { createGroup, Swarm: Same } = swarmModule
const same: Swarm = new Same()
const another: SwarmDefault = new SwarmDefault()
swarm.join(swarmModule.topicFrom('sample'))
swarm.join(topicFrom('sample'))
createGroup()

class Mine extends Swarm {}
class Emitter extends TypedEmitter<{ done: [count: number] }> {}
new Emitter().on('done', (count) => count.toFixed())

const client: clientModule = new ProxyClientDefault({ connect: websocket('wss://one.example') })
export function use(either: Swarm | ProxyClient | SwarmCore): void {
  either.on('connection', (connection, info) => connection.write(info.publicKey))
  if (either instanceof ProxyClient) either.on('disconnected', ({ error }) => error.code)
}

// The proxy server's module is a namespace.
const server: ProxyServerDefault = new ProxyServerDefault()
const sameServer: serverModule.ProxyServer = new serverModule.ProxyServer()
listen(server)
// @ts-expect-error: which can't be constructed
new serverModule()

const legacy: hyperswarm.Hyperswarm2 = hyperswarm({ maxServerSockets: 1 })
const old: OldClient = new OldClient({ connect: websocket('wss://one.example') })

export type { Connection, ProxyClientOptions, StatusPageOptions }
export { another, client, legacy, Mine, messagePort, old, ProxyError, ProxyServer, same, sameServer, statusPage }
