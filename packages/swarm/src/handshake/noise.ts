import b4a from 'b4a'
import crypto from 'hypercore-crypto'
import NoiseState from 'noise-handshake'
import sodium from 'sodium-universal'
import curve from '#curve'
import { SwarmError } from '../errors.js'
import type { NodeHandshake } from '../network/dht-node.js'
import type { KeyPair } from '../util/keys.js'
import { appendHello, type Hello, readHello } from './extension.js'

/** Turns a DHT node's handshake payload into bytes and back. The proxy client passes bytes through unchanged. */
export interface PayloadCodec {
  encode(payload: object): Uint8Array
  decode(bytes: Uint8Array): object
  /** Whether a received payload asks for a connection. The node itself answers all others with an error. */
  isOffer(payload: object): boolean
  /** Changes a received payload so that the node answers it with an error instead of a connection. */
  refuse(payload: object): void
}

/** What the swarm puts into a handshake and learns from it. */
export interface HandshakePart {
  /** The block to send, null for none. On the accepting side, called after `received`. */
  hello(): Hello | null
  /** The remote's block, null from another implementation, and its proved public key. */
  received(hello: Hello | null, remotePublicKey: Uint8Array): void
  /** The remote sent something that is not a handshake. */
  malformed(): void
  /** Optional: the handshake is complete. `hash` is that of the connection, which may follow. */
  finished?(hash: Uint8Array): void
}

// HyperDHT keys its namespaces by command number: 0 is the peer handshake, 1 the hole punch.
const [NS_HANDSHAKE, NS_HOLEPUNCH] = crypto.namespace('hyperswarm/dht', [0, 1]) as [Uint8Array, Uint8Array]

/** What a handshake needs until it is finished. */
interface Progress {
  readonly noise: NoiseState
  readonly codec: PayloadCodec
  readonly part: HandshakePart
}

/** HyperDHT's Noise IK handshake (the same bytes on the wire) with the extension block added to its payloads. */
export class ExtendedHandshake implements NodeHandshake {
  remotePublicKey: Uint8Array | null
  readonly #keyPair: KeyPair
  readonly #isInitiator: boolean
  /** Null once it is finished. */
  #progress: Progress | null
  /** What each side says about paths. */
  #ourPaths = false
  #theirPaths = false

  constructor(keyPair: KeyPair, remotePublicKey: Uint8Array | null, codec: PayloadCodec, part: HandshakePart) {
    this.remotePublicKey = remotePublicKey
    this.#keyPair = keyPair
    this.#isInitiator = remotePublicKey !== null
    const noise = new NoiseState('IK', this.#isInitiator, keyPair, { curve })
    noise.initialise(NS_HANDSHAKE, remotePublicKey)
    this.#progress = { noise, codec, part }
  }

  /** Throws HANDSHAKE_MALFORMED, and nothing else, if the received message makes an answer impossible. */
  send(payload: object): Uint8Array {
    try {
      const { codec, noise, part } = this.#unfinished
      const hello = part.hello()
      const bytes = codec.encode(payload)
      this.#ourPaths = hello?.hasPaths === true
      return noise.send(hello === null ? bytes : appendHello(bytes, hello))
    } catch (cause) {
      throw new SwarmError('HANDSHAKE_MALFORMED', 'the handshake cannot continue', { cause })
    }
  }

  /**
   * Throws HANDSHAKE_MALFORMED, and nothing else, on bytes that are not a handshake for us. When dialling, bytes that
   * do not come from the peer only give null: a node on one way to it made them up, and the real answer may arrive
   * another way. A second answer also gives null.
   */
  recv(message: Uint8Array): object | null {
    if (!this.#isInitiator) return this.#read(() => this.#unfinished.noise.recv(message))
    const payload = this.#progress?.noise.complete === false ? this.#open(this.#progress, message) : null
    return payload && this.#read(() => payload)
  }

  /** Reads an answer, or leaves everything unchanged. */
  #open({ noise, part }: Progress, message: Uint8Array): Uint8Array | null {
    const restore = remember(noise)
    try {
      return noise.recv(message)
    } catch {
      restore()
      part.malformed()
      return null
    }
  }

  #read(open: () => Uint8Array): object {
    try {
      const payload = open()
      const { codec, noise, part } = this.#unfinished
      const remotePublicKey = b4a.from(noise.rs)
      const decoded = codec.decode(payload)
      this.remotePublicKey = remotePublicKey
      const hello = readHello(payload)
      this.#theirPaths = hello?.hasPaths === true
      part.received(hello, remotePublicKey)
      return decoded
    } catch (cause) {
      this.#progress?.part.malformed()
      // HyperDHT rethrows a TypeError, RangeError or failed assertion as an uncaught exception, which would let
      // any stranger end the process. It swallows this error.
      throw new SwarmError('HANDSHAKE_MALFORMED', 'received bytes that are not a handshake for this key', { cause })
    }
  }

  final(): object {
    const { noise, part } = this.#unfinished
    const { complete, hash, rx, tx } = noise
    if (!complete) throw new SwarmError('HANDSHAKE_MALFORMED', 'the handshake is not finished')
    const holepunchSecret = b4a.allocUnsafe(32)
    sodium.crypto_generichash(holepunchSecret, NS_HOLEPUNCH, hash)
    part.finished?.(hash)
    // HyperDHT keeps its handshakes as long as their connections, which may be many and live for days.
    this.#progress = null
    return {
      isInitiator: this.#isInitiator,
      publicKey: this.#keyPair.publicKey,
      remotePublicKey: this.remotePublicKey,
      holepunchSecret,
      hash: b4a.toBuffer(hash),
      rx: b4a.toBuffer(rx),
      tx: b4a.toBuffer(tx),
      // Read by paths/overlay.ts.
      hasPaths: this.#ourPaths && this.#theirPaths
    }
  }

  get #unfinished(): Progress {
    if (this.#progress === null) throw new SwarmError('HANDSHAKE_MALFORMED', 'the handshake is finished already')
    return this.#progress
  }
}

const NO_BLOCK: HandshakePart = { hello: () => null, received: ignore, malformed: ignore }

/**
 * The handshake of a connection outside of a swarm, as HyperDHT makes it. `remotePublicKey` is null on the accepting
 * side.
 */
export function createPlainHandshake(
  keyPair: KeyPair,
  remotePublicKey: Uint8Array | null,
  codec: PayloadCodec
): NodeHandshake {
  return new ExtendedHandshake(keyPair, remotePublicKey, codec, NO_BLOCK)
}

/** Returns a function that undoes reading an invalid message, which has by then been mixed into the state. */
function remember(noise: NoiseState): () => void {
  const { chainingKey, key, nonce, re } = noise
  const [digest, handshake] = [b4a.from(noise.digest), [...noise.handshake]]
  return () => Object.assign(noise, { chainingKey, digest, handshake, key, nonce, re })
}

function ignore(): void {}
