/**
 * Loaded before a sample (`node --import`). The sample itself knows nothing about tests; this makes it use the private
 * DHT whose node is in BOOTSTRAP instead of the public one, and only 127.0.0.1.
 */
import { createRequire } from 'node:module'

/** Each package has its own HyperDHT, which may be another copy. */
const USERS = ['swarm', 'proxy-server']

for (const user of USERS) {
  const inPackage = createRequire(new URL(`../../../packages/${user}/src/`, import.meta.url))
  const { BOOTSTRAP_NODES } = inPackage('hyperdht/lib/constants')
  BOOTSTRAP_NODES.splice(0, BOOTSTRAP_NODES.length, process.env['BOOTSTRAP'] ?? '')
  const inHyperdht = createRequire(inPackage.resolve('hyperdht'))
  const inDhtRpc = createRequire(inHyperdht.resolve('dht-rpc'))
  bindToLoopback(inDhtRpc('udx-native/lib/socket.js'))
}

function bindToLoopback({ prototype }) {
  const { bind } = prototype
  prototype.bind = function bindLocally(port) {
    return bind.call(this, port, '127.0.0.1')
  }
}
