/** What an application writes that wants to be proxied and whose packages make their swarms themselves. */
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

export default class ProxiedSwarm extends ProxyClient {
  constructor(options = {}) {
    super({ connect: websocket(process.env['PROXY_URL'] ?? ''), ...options })
  }
}
