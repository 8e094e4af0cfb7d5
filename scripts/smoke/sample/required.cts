// What `require` gives to TypeScript in a CommonJS file: the class itself, as in hyperswarm.
import Swarm = require('@swarmway/swarm')

const swarm: Swarm = new Swarm({ maxPeers: 8 })
swarm.on('connection', (connection) => connection.end('hello'))
// @ts-expect-error: an option that there is not
new Swarm({ maxPeer: 8 })
