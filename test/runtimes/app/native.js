// Prints the codes of the errors that the native swarm, and a server with a DHT, are refused with.
import { ProxyServer } from '@swarmway/proxy-server'
import { Swarm } from '@swarmway/swarm'

for (const make of [() => new Swarm(), () => new ProxyServer()]) {
  try {
    make()
    console.log('made')
  } catch (error) {
    console.log(error.code, error.message)
  }
}

const server = new ProxyServer({ dht: null })
console.log('a server without a DHT is made')
await server.destroy()
