// Every number that hyperswarm-stats shows, before, during and after a connection.
import assert from 'node:assert/strict'
import { createSwarm, installed, pass, until } from './support.mjs'

const HyperswarmStats = installed('hyperswarm-stats')
const promClient = installed('prom-client')
const [server, client] = [createSwarm(), createSwarm()]
const stats = new HyperswarmStats(client)
stats.registerPrometheusMetrics(promClient)
client.on('connection', (connection) => connection.on('end', () => connection.end()).write('hello'))
server.on('connection', (connection) => connection.on('data', () => connection.end()))
await checkNumbers()

const topic = Buffer.alloc(32, 1)
await server.join(topic, { client: false }).flushed()
client.join(topic, { server: false })
await until(() => stats.connects.client.opened > 0)
await checkNumbers()
await until(() => stats.connects.client.closed > 0)
await checkNumbers()
pass()

async function checkNumbers() {
  const shown = stats.toJson()
  for (const [name, value] of Object.entries(shown)) {
    if (typeof value !== 'object') assert.equal(typeof value, 'number', name)
  }
  const text = await promClient.register.metrics()
  assert.match(text, /hyperswarm_client_connections_attempted \d/)
  assert.match(stats.toString(), /\d/)
}
