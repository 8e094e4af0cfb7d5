/**
 * A proxy inside a Fastify application, which closes it.
 *
 *     npx tsx --conditions=@swarmway/source examples/proxy/fastify.ts
 */
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import fastify from 'fastify'
import { onStop, port, proxyOptions, say } from './shared.ts'

const app = fastify()
app.get('/', async () => ({ clients: proxy.stats.clients }))

const proxy = new ProxyServer(proxyOptions)
await listen(proxy, { server: app.server, path: '/swarm' })
// Runs before Fastify waits for its connections to end: clients are notified, and the WebSockets close.
app.addHook('preClose', () => proxy.destroy())

await app.listen({ port, host: '127.0.0.1' })
say('ws', app.server.address(), '/swarm')

onStop(() => app.close())
