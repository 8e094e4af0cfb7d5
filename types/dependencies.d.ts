// Narrow declarations of untyped dependencies: only the parts that the packages use.

declare module 'sodium-universal' {
  interface Sodium {
    crypto_generichash(out: Uint8Array, input: Uint8Array, key?: Uint8Array): void
    crypto_generichash_batch(out: Uint8Array, inputs: Uint8Array[], key?: Uint8Array): void
    crypto_hash_sha512(out: Uint8Array, input: Uint8Array): void
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
    crypto_sign_keypair(publicKey: Uint8Array, secretKey: Uint8Array): void
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
    crypto_secretbox_easy(out: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
    crypto_secretbox_open_easy(out: Uint8Array, boxed: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean
    randombytes_buf(out: Uint8Array): void
  }
  const sodium: Sodium
  export default sodium
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
  const messages: { noisePayload: Codec }
  export default messages
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
    handshake?: Handshake
  }
  export default class NoiseSecretStream {
    constructor(isInitiator: boolean, rawStream: object | null, options?: Options)
    readonly destroying: boolean
    start(rawStream: object, options: { handshake: Handshake }): void
    destroy(error?: Error): void
    once(event: 'close', listener: () => void): this
    on(event: 'error', listener: (error: Error) => void): this
  }
}
