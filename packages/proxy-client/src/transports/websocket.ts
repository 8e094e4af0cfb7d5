import { toServerName } from '@swarmway/proxy-protocol'
import { invalidArgument } from '@swarmway/swarm/core'
import { openSocket } from '#websocket'
import type { Connect } from '../options.js'
import { WebSocketDuplex } from './websocket/duplex.js'

/**
 * For the option `connect`: opens WebSockets to proxy servers, in order, until one answers.
 * URLs are `wss://...`, or `ws://...` where the network is trusted. Throws a `TypeError` on anything else.
 */
export function websocket(...urls: string[]): readonly Connect[] {
  if (urls.length === 0) throw invalidArgument('url', 'a ws:// or wss:// URL', undefined)
  for (const url of urls) {
    if (typeof url !== 'string' || !/^wss?:\/\/./.test(url)) throw invalidArgument('url', 'a ws:// or wss:// URL', url)
  }
  return urls.map((url) => {
    const connect = () => opened(new WebSocketDuplex(openSocket(url)))
    return Object.assign(connect, { serverName: hostOf(url) })
  })
}

/** As in the Host header. Parsed by hand where possible: React Native's URL has no `host`. */
function hostOf(url: string): string {
  const [, host = ''] = /^wss?:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(url) ?? []
  return toServerName(/^[\x21-\x7e]*$/.test(host) ? host : new URL(url).host)
}

/** Resolves when the socket is open, so that an unreachable server fails at once and not by timeout. */
function opened(duplex: WebSocketDuplex): Promise<WebSocketDuplex> {
  return new Promise((resolve, reject) => {
    let failure: Error | null = null
    duplex.on('error', (error) => {
      failure = error
    })
    duplex.once('close', () => reject(failure ?? new Error('the WebSocket closed')))
    duplex.once('open', () => resolve(duplex))
  })
}
