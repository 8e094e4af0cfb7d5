import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

interface HandshakeRequest {
  readonly value: Uint8Array
  reply(value: Uint8Array | null, options: object): void
}

/** The part of a HyperDHT node that answers for absent peers. */
interface RelayNode {
  address(): { host: string; port: number }
  readonly _router: object
}

const { handshake } = require('hyperdht/lib/messages.js') as { handshake: object }
const encoding = require('compact-encoding') as { encode(codec: object, value: object): Uint8Array }

/** A relay's answer to a handshake meant for a peer. Null: not even the frame of an answer. */
export type RelayAnswer = () => Uint8Array | null

/** Wrong answers, by what is wrong with them. */
export const WRONG_ANSWERS: [what: string, answer: RelayAnswer][] = [
  ['random bytes', () => randomBytes(200)],
  ['too few bytes for a handshake', () => randomBytes(3)],
  ['no handshake', () => null]
]

/** Makes a node answer every handshake itself, whatever its target. Returns its address, and how often it was asked. */
export function makeEvil(node: RelayNode, answer: RelayAnswer) {
  const evil = { address: { host: '127.0.0.1', port: node.address().port }, asked: 0 }
  const onpeerhandshake = (request: HandshakeRequest): void => {
    evil.asked++
    const noise = answer()
    const body = noise && encoding.encode(handshake, { mode: 4, noise, peerAddress: null, relayAddress: null })
    request.reply(body, { closerNodes: false, token: false })
  }
  Object.assign(node._router, { onpeerhandshake })
  return evil
}
