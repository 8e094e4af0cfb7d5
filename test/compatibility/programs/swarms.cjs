// What `hyperswarm` means to a program of the tier: swarms of the kinds that the run asks for, in turn.
const { createRequire } = require('node:module')

const { bootstrap, folder, kinds, proxyUrl, root } = JSON.parse(process.env.COMPATIBILITY)
const installed = createRequire(`${folder}/package.json`)
let count = 0

const MAKERS = {
  hyperswarm(options) {
    const Hyperswarm = installed('hyperswarm')
    const DHT = installed('hyperdht')
    return new Hyperswarm({ ...options, dht: new DHT({ bootstrap, host: '127.0.0.1' }) })
  },
  Swarm(options) {
    const Swarm = require(`${root}/packages/swarm/dist/index.cjs`)
    return new Swarm({ ...options, bootstrap, host: '127.0.0.1' })
  },
  ProxyClient({ bootstrap: _, ...options }) {
    const ProxyClient = require(`${root}/packages/proxy-client/dist/index.cjs`)
    const { websocket } = require(`${root}/packages/proxy-client/dist/transports/websocket.cjs`)
    return new ProxyClient({ ...options, connect: websocket(proxyUrl) })
  }
}

/** Whatever network a package's own tests set up, the swarms are on the one that has the proxy server. */
module.exports = function Hyperswarm(options = {}) {
  const kind = kinds[count++ % kinds.length]
  return MAKERS[kind](options)
}
