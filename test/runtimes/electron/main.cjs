// As in Electron's main process: CommonJS, and the native swarm beside the proxy client.
const ProxyClient = require('@swarmway/proxy-client')
const Swarm = require('@swarmway/swarm')
const meet = require('./meet.cjs')

const [url, name] = process.argv.slice(2)
console.log(typeof ProxyClient, typeof Swarm)
meet(url, name).then(console.log)
