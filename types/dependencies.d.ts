// Narrow declarations of untyped dependencies: only the parts that the packages use.

declare module 'sodium-universal' {
  export interface Sodium {
    crypto_generichash(out: Uint8Array, input: Uint8Array, key?: Uint8Array | null): void
    crypto_generichash_batch(out: Uint8Array, inputs: readonly Uint8Array[], key?: Uint8Array | null): void
    crypto_hash_sha512(out: Uint8Array, input: Uint8Array): void
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
    crypto_sign_keypair(publicKey: Uint8Array, secretKey: Uint8Array): void
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
    crypto_secretbox_easy(out: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
    crypto_secretbox_open_easy(out: Uint8Array, boxed: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean
    crypto_secretstream_xchacha20poly1305_push(
      state: Uint8Array,
      cipher: Uint8Array,
      message: Uint8Array,
      data: Uint8Array | null,
      tag: Uint8Array | number
    ): number
    crypto_secretstream_xchacha20poly1305_pull(
      state: Uint8Array,
      message: Uint8Array,
      tag: Uint8Array,
      cipher: Uint8Array,
      data: Uint8Array | null
    ): number
    randombytes_buf(out: Uint8Array): void
  }
  const sodium: Sodium
  export default sodium
}

declare module 'sodium-javascript' {
  export { default } from 'sodium-universal'
}

/** Emscripten's view of libsodium: numbers are addresses, 0 for none; lengths of messages are a low and a high word. */
declare module 'libsodium' {
  export interface Libsodium {
    /** All of the memory. Another view whenever it has grown. */
    readonly HEAPU8: Uint8Array
    /** Address, or 0. */
    _malloc(bytes: number): number
    _free(address: number): void
    _crypto_secretstream_xchacha20poly1305_push(
      state: number,
      out: number,
      outLength: number,
      message: number,
      low: number,
      high: number,
      data: number,
      dataLow: number,
      dataHigh: number,
      tag: number
    ): number
    _crypto_secretstream_xchacha20poly1305_pull(
      state: number,
      message: number,
      messageLength: number,
      tag: number,
      cipher: number,
      low: number,
      high: number,
      data: number,
      dataLow: number,
      dataHigh: number
    ): number
    _crypto_generichash_init(state: number, key: number, keyBytes: number, outBytes: number): number
    _crypto_generichash_update(state: number, input: number, low: number, high: number): number
    _crypto_generichash_final(state: number, out: number, outBytes: number): number
    _crypto_sign_seed_keypair(publicKey: number, secretKey: number, seed: number): number
    _crypto_sign_detached(
      signature: number,
      signatureLength: number,
      message: number,
      low: number,
      high: number,
      secretKey: number
    ): number
    _crypto_sign_verify_detached(
      signature: number,
      message: number,
      low: number,
      high: number,
      publicKey: number
    ): number
  }
  /** Resolves when it is compiled. */
  export default function load(): Promise<Libsodium>
}

declare module 'hypercore-crypto' {
  const crypto: { namespace(name: string, ids: number | number[]): Uint8Array[] }
  export default crypto
}

declare module 'noise-curve-ed' {
  const curve: object
  export default curve
}

declare module 'noise-handshake' {
  export default class NoiseState {
    constructor(pattern: 'IK', initiator: boolean, staticKeyPair: object, options: { curve: object })
    readonly complete: boolean
    chainingKey: Uint8Array
    digest: Uint8Array
    handshake: unknown[]
    key: Uint8Array | null
    nonce: number
    re: Uint8Array | null
    readonly hash: Uint8Array
    readonly rs: Uint8Array
    readonly rx: Uint8Array
    readonly tx: Uint8Array
    initialise(prologue: Uint8Array, remotePublicKey: Uint8Array | null): void
    send(payload: Uint8Array): Uint8Array
    recv(message: Uint8Array): Uint8Array
  }
}

declare module 'hyperdht' {
  export default class HyperDHT {
    constructor(options: Record<string, unknown>)
    destroy(options?: { force?: boolean }): Promise<void>
  }
}

declare module 'hyperdht/lib/messages.js' {
  interface Codec {
    preencode(state: object, value: object): void
    encode(state: object, value: object): void
    decode(state: object): object
  }
  interface HandshakeMessage {
    readonly mode: number
    readonly noise: Uint8Array
    readonly peerAddress: { host: string; port: number } | null
    readonly relayAddress: { host: string; port: number } | null
  }
  const messages: {
    noisePayload: Codec
    announce: Codec
    handshake: {
      preencode(state: object, value: HandshakeMessage): void
      encode(state: object, value: HandshakeMessage): void
      decode(state: object): HandshakeMessage
    }
  }
  export default messages
}

declare module 'hyperdht/lib/constants.js' {
  /** Numbers of commands. */
  const constants: { readonly COMMANDS: { readonly ANNOUNCE: number; readonly UNANNOUNCE: number } }
  export default constants
}

declare module 'hyperdht/lib/persistent.js' {
  /** Composes what is signed; `sign` gets it. */
  type ComposeSigned = (
    target: Uint8Array,
    token: Uint8Array,
    nodeId: Uint8Array,
    record: object,
    key: { sign(message: Uint8Array): Uint8Array } | { secretKey: Uint8Array }
  ) => Uint8Array
  const persistent: {
    readonly signAnnounce: ComposeSigned
    readonly signUnannounce: ComposeSigned
    verifyMutable(signature: Uint8Array, seq: number, value: Uint8Array, publicKey: Uint8Array): boolean
  }
  export default persistent
}

declare module 'compact-encoding' {
  interface Codec<T> {
    preencode(state: object, value: T): void
    encode(state: object, value: T): void
    decode(state: object): T
  }
  const encoding: {
    encode<T>(codec: Codec<T>, value: T): Uint8Array
    decode<T>(codec: Codec<T>, bytes: Uint8Array): T
    array<T>(codec: Codec<T>): Codec<T[]>
    readonly ipv4Address: Codec<{ host: string; port: number }>
    readonly uint: Codec<number>
    readonly buffer: Codec<Uint8Array>
  }
  export default encoding
}

declare module '@hyperswarm/secret-stream' {
  interface Handshake {
    publicKey: Uint8Array
    remotePublicKey: Uint8Array
    hash: Uint8Array
    tx: Uint8Array
    rx: Uint8Array
  }
  interface Options {
    publicKey?: Uint8Array
    remotePublicKey?: Uint8Array
    autoStart?: boolean
    keepAlive?: number
    handshake?: object
  }
  export default class NoiseSecretStream {
    constructor(isInitiator: boolean, rawStream: object | null, options?: Options)
    readonly destroying: boolean
    start(rawStream: object, options: { handshake: object }): void
    destroy(error?: Error): void
    once(event: 'close', listener: () => void): this
    on(event: 'error', listener: (error: Error) => void): this
  }
}

declare module 'proxy-from-env' {
  /** The URL of the proxy that the environment names for a URL; '' for none. */
  export function getProxyForUrl(url: string): string
}
