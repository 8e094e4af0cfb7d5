// Types for the packages that ship without them, limited to what the recipes use.

declare module 'protomux' {
  export interface Message {
    send(bytes: Uint8Array): boolean
  }
  export interface Channel {
    addMessage(options: { onmessage(bytes: Uint8Array): void }): Message
    open(): void
    close(): void
  }
  export default class Protomux {
    /** Returns the connection's only muxer. */
    static from(connection: object): Protomux
    /** Null if the connection has this channel already. */
    createChannel(options: { protocol: string; id: Uint8Array; onopen(): void; onclose(): void }): Channel | null
  }
}

declare module 'protomux-rpc' {
  export default class ProtomuxRPC {
    constructor(connection: object)
    respond(method: string, handler: (request: Uint8Array) => Promise<Uint8Array>): void
    request(method: string, value: Uint8Array, options: { timeout: number }): Promise<Uint8Array>
    once(event: 'close', listener: () => void): void
  }
}

declare module 'autobase' {
  import type Corestore from 'corestore'

  export interface View {
    readonly length: number
    append(value: unknown): Promise<unknown>
    get(index: number): Promise<unknown>
  }
  export interface Host {
    addWriter(key: Uint8Array, options: { indexer: boolean }): Promise<void>
  }
  export default class Autobase {
    constructor(
      store: Corestore,
      key: Uint8Array | null,
      handlers: {
        valueEncoding: 'json'
        open(store: { get(name: string, options: { valueEncoding: 'json' }): View }): View
        apply(nodes: readonly { value: unknown }[], view: View, host: Host): Promise<void>
      }
    )
    readonly key: Uint8Array
    readonly local: { readonly key: Uint8Array }
    readonly view: View
    readonly writable: boolean
    ready(): Promise<void>
    update(): Promise<void>
    append(value: unknown): Promise<void>
    on(event: 'update' | 'writable', listener: () => void): this
    replicate(connection: object): unknown
    close(): Promise<void>
  }
}

declare module 'hypercore10' {
  export interface Manifest {
    readonly version: number
    readonly allowPatch: boolean
    readonly quorum: number
    readonly signers: readonly { readonly namespace: Uint8Array; readonly publicKey: Uint8Array }[]
  }
  export default class Hypercore {
    /** The key of the Hypercore that has this manifest. */
    static key(manifest: object): Uint8Array
    constructor(storage: () => unknown, key: Uint8Array)
    readonly key: Uint8Array
    readonly discoveryKey: Uint8Array
    /** Null until a peer has told it. */
    readonly manifest: Manifest | null
    readonly length: number
    ready(): Promise<void>
    update(options: { wait: boolean }): Promise<boolean>
    get(index: number): Promise<Uint8Array>
    replicate(connection: object): unknown
    close(): Promise<void>
  }
}

declare module 'random-access-memory' {
  export default class RandomAccessMemory {}
}

declare module 'hyperbee' {
  import type Hypercore from 'hypercore10'

  export interface Entry<Value> {
    readonly key: string
    readonly value: Value
  }
  export default class Hyperbee<Value> {
    constructor(core: Hypercore, options: { keyEncoding: 'utf-8'; valueEncoding: 'json' })
    sub(name: string): Hyperbee<Value>
    get(key: string): Promise<Entry<Value> | null>
    createReadStream(): AsyncIterable<Entry<Value>>
  }
}

declare module 'hypercore-crypto' {
  export function namespace(name: string, count: number): Uint8Array[]
  export function hash(parts: readonly Uint8Array[]): Uint8Array
}
