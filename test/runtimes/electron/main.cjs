// As in Electron's main process: CommonJS, with the native swarm, the proxy client and a proxy server.
const ProxyClient = require('@swarmway/proxy-client')
const { ProxyServer } = require('@swarmway/proxy-server')
const Swarm = require('@swarmway/swarm')
const { meet } = require('./meet.cjs')

const [url, name] = process.argv.slice(2)
console.log(typeof ProxyClient, typeof Swarm, typeof ProxyServer)
meet(url, name).then(console.log)
