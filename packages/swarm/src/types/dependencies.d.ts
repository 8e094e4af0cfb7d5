// Narrow declarations of untyped dependencies: only the part that this package uses.

declare module 'events' {
  export class EventEmitter {
    on(event: PropertyKey, listener: (...args: never[]) => void): this
    emit(event: PropertyKey, ...args: unknown[]): boolean
    removeAllListeners(event?: PropertyKey): this
  }
}

declare module 'sodium-universal' {
  interface Sodium {
    crypto_generichash(out: Uint8Array, input: Uint8Array, key?: Uint8Array): void
    crypto_generichash_batch(out: Uint8Array, inputs: Uint8Array[], key?: Uint8Array): void
    crypto_sign_keypair(publicKey: Uint8Array, secretKey: Uint8Array): void
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
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
  interface Codec {
    preencode(state: object, value: object): void
    encode(state: object, value: object): void
    decode(state: object): object
  }
  const encoding: {
    encode(codec: Codec, value: object): Uint8Array
    decode(codec: Codec, bytes: Uint8Array): object
  }
  export default encoding
}
