// @ts-check
// What `require` gives to JavaScript, as types. Compiled, never run.
const Swarm = require('@swarmway/swarm')
const { ProxyServer } = require('@swarmway/proxy-server')
const { Swarm: Same, topicFrom } = require('@swarmway/swarm')

const swarm = new Swarm({ maxPeers: 8 })
swarm.join(topicFrom('sample'))
swarm.on('connection', (connection, info) => connection.write(info.publicKey))
// @ts-expect-error: a topic is bytes, not a string
new Same().join('sample')
// @ts-expect-error: an option of the wrong type
new ProxyServer({ names: 1 })

/** @param {import('@swarmway/swarm').PeerInfo} info */
module.exports = (info) => info.ban(true)
