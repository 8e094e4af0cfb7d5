/**
 * A proxy over plain TCP, as an example of any duplex. Clients must present a token.
 *
 *     TOKEN=secret npx tsx --conditions=@swarmway/source examples/proxy/tcp.ts
 */
import { createServer } from 'node:net'
import { ProxyServer } from '@swarmway/proxy-server'
import { onStop, port, proxyOptions, say } from './shared.ts'

const token = process.env['TOKEN'] ?? ''

const proxy = new ProxyServer({
  ...proxyOptions,
  authenticate: ({ auth }) => new TextDecoder().decode(auth) === token
})

const tcp = createServer({ noDelay: true }, (socket) => {
  proxy.handleStream(socket, { remoteAddress: socket.remoteAddress })
})
tcp.listen(port, '127.0.0.1', () => say('tcp', tcp.address()))

onStop(async () => {
  await proxy.destroy()
  tcp.close()
})
