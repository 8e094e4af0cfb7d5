// What `hyperdht` means to a program that only opens tunnels: the node of a swarm.
const Hyperswarm = require('./swarms.cjs')
const { createRequire } = require('node:module')

const { folder } = JSON.parse(process.env.COMPATIBILITY)
const HyperDHT = createRequire(`${folder}/package.json`)('hyperdht')

module.exports = function Node({ keyPair } = {}) {
  return new Hyperswarm(keyPair ? { keyPair } : {}).dht
}
module.exports.keyPair = HyperDHT.keyPair
