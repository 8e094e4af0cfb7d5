import b4a from 'b4a'
import crypto from 'hypercore-crypto'
import curve from 'noise-curve-ed'
import NoiseState from 'noise-handshake'
import type { PayloadCodec } from '../../src/handshake/noise.js'
import type { NodeHandshake } from '../../src/network/dht-node.js'
import type { KeyPair } from '../../src/util/keys.js'

const [NS_HANDSHAKE] = crypto.namespace('hyperswarm/dht', [0, 1]) as [Uint8Array, Uint8Array]
const LENGTH_BYTES = 4

/** The fake node's payload: JSON after its length, so that the bytes that follow are ignored, as in HyperDHT. */
export const fakeCodec: PayloadCodec = {
  encode(payload) {
    const json = b4a.from(JSON.stringify(payload))
    const length = b4a.alloc(LENGTH_BYTES)
    new DataView(length.buffer, length.byteOffset).setUint32(0, json.byteLength, true)
    return b4a.concat([length, json])
  },
  decode(bytes) {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true)
    return JSON.parse(b4a.toString(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)))
  },
  isOffer(payload) {
    return !('isNoOffer' in payload)
  },
  refuse(payload) {
    Object.assign(payload, { isRefused: true })
  }
}

/** The handshake of another implementation: the same Noise IK, without an extension block. */
export class PlainHandshake implements NodeHandshake {
  remotePublicKey: Uint8Array | null
  readonly #noise: NoiseState

  constructor(keyPair: KeyPair, remotePublicKey: Uint8Array | null) {
    this.remotePublicKey = remotePublicKey
    this.#noise = new NoiseState('IK', remotePublicKey !== null, keyPair, { curve })
    this.#noise.initialise(NS_HANDSHAKE, remotePublicKey)
  }

  send(payload: object): Uint8Array {
    return this.#noise.send(fakeCodec.encode(payload))
  }

  recv(message: Uint8Array): object {
    const payload = fakeCodec.decode(this.#noise.recv(message))
    this.remotePublicKey = b4a.from(this.#noise.rs)
    return payload
  }

  final(): object {
    return { hash: this.#noise.hash }
  }
}
