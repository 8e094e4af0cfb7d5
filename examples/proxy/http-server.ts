/**
 * A proxy inside an existing HTTP server: pages and WebSockets share one port.
 *
 *     npx tsx --conditions=@swarmway/source examples/proxy/http-server.ts
 */
import { createServer } from 'node:http'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import { onStop, port, proxyOptions, say } from './shared.ts'

const web = createServer((_request, response) => response.end('the site itself\n'))
const proxy = new ProxyServer(proxyOptions)
await listen(proxy, { server: web, path: '/swarm' })

web.listen(port, '127.0.0.1', () => say('ws', web.address(), '/swarm'))

onStop(async () => {
  await proxy.destroy()
  web.close()
})
