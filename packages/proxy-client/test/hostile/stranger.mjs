/** A client of the attacker's, which keeps to the protocol and to nothing else. */
import { once } from 'node:events'
import { connect } from 'node:net'
import {
  ask,
  CLIENT_REQUESTS,
  decodeWelcome,
  encodeHello,
  FRAME,
  Link,
  listenProofMessage,
  Session
} from '@swarmway/proxy-protocol'
import hypercoreCrypto from 'hypercore-crypto'

const { keyPair, sign } = hypercoreCrypto
const GREEDY = { maxStreams: 1 << 20, maxRequests: 1 << 20, requestsPerSecond: 1 << 20, maxBodyBytes: 65_536 }

/** A connection to the server, from this address. */
export async function connectFrom(address, port) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(`${address}\n`)
  await once(socket, 'data')
  return socket
}

/**
 * A session from this address; null if the server denied it. `answer` answers the server's requests; default: never. `resume` is the
 * claim to an earlier session; default: none.
 */
export async function session(address, port, answer = () => new Promise(() => {}), resume = undefined) {
  const socket = await connectFrom(address, port)
  const link = new Link(socket)
  const own = new Session({ isInitiator: true, onRequest: answer, onNotify: () => {} })
  const welcome = await new Promise((resolve) => {
    link.handler = {
      onFrame: (type, body) => resolve(type === FRAME.WELCOME ? decodeWelcome(body) : null),
      onClose: () => resolve(null)
    }
    link.send(encodeHello({ auth: new Uint8Array(0), userAgent: '', limits: GREEDY, ...(resume && { resume }) }))
  })
  if (welcome === null) return null
  own.attach(link, welcome.received, { ...welcome.limits, maxStreams: 0 })
  const request = (operation, body) => ask(own, operation, body, { timeoutMs: 0 }).catch(() => {})
  return { link, own, request, socket, welcome }
}

/** Listens on a new key, for which the server then wants signatures. Returns the key. */
export function listenOn({ request, welcome }) {
  const pair = keyPair()
  const proof = sign(listenProofMessage(welcome.serverNonce, pair.publicKey), pair.secretKey)
  request(CLIENT_REQUESTS.LISTEN, { publicKey: pair.publicKey, proof })
  return pair.publicKey
}
