/** What an application adds to be proxied if its packages make their own swarms. */
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

export default class ProxiedSwarm extends ProxyClient {
  constructor(options = {}) {
    super({ connect: websocket(process.env['PROXY_URL'] ?? ''), ...options })
  }
}
