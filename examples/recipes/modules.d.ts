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
