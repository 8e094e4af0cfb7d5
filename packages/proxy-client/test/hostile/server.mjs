/**
 * A proxy server with its default limits, in a process of its own. Links come over WebSocket, or over TCP, where the first
 * line says which address the link is from: strangers need addresses of their own.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { ProxyServer } from '../../../proxy-server/dist/index.js'
import { listen } from '../../../proxy-server/dist/websocket/index.js'

const server = new ProxyServer({
  bootstrap: JSON.parse(process.argv[2]),
  host: '127.0.0.1',
  allowPrivateAddresses: true
})
const tcp = createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', (line) => {
    socket.pause()
    server.handleStream(socket, { remoteAddress: line.toString().trim() })
    socket.resume()
    socket.write('\n')
  })
})
tcp.listen(0, '127.0.0.1')
await once(tcp, 'listening')
const web = await listen(server, { host: '127.0.0.1', remoteAddress: ({ headers }) => headers['x-forwarded-for'] })
process.on('message', () => process.send({ stats: server.stats, rssBytes: process.memoryUsage().rss }))
process.send({ tcpPort: tcp.address().port, webPort: web.address.port })
