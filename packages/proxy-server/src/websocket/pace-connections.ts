import type { Server, Socket } from 'node:net'
import type { Clock } from '@swarmway/proxy-protocol'
import { Arrivals } from '../fairness/arrivals.js'
import { networkOf } from '../fairness/network-of.js'

/**
 * Makes the new connections of a server wait in turn by network, before a TLS handshake and before a request is parsed. Call it
 * once the server has what begins those; listeners that are added later hear of a connection at once.
 */
export function paceConnections(server: Server, perSecond: number, clock: Clock): Arrivals {
  const arrivals = new Arrivals(perSecond, clock)
  const listeners = server.rawListeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const begin = (): void => {
      for (const listener of listeners) Reflect.apply(listener, server, [socket])
    }
    // Over a Unix domain socket nobody has one.
    if (socket.remoteAddress === undefined) begin()
    else arrivals.add(networkOf(socket.remoteAddress), socket, begin)
  })
  return arrivals
}
