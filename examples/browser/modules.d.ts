// Types for the packages that ship without them, limited to what this example uses.

declare module 'protomux' {
  export interface Channel {
    addMessage(options: { onmessage(bytes: Uint8Array): void }): { send(bytes: Uint8Array): boolean }
    open(): void
  }
  export default class Protomux {
    /** Returns the connection's only muxer. */
    static from(connection: object): Protomux
    createChannel(options: { protocol: string }): Channel
  }
}

declare module 'random-access-memory' {
  export default class RandomAccessMemory {}
}

declare module 'hypercore10' {
  export default class Hypercore {
    constructor(storage: unknown, key?: Uint8Array)
    readonly key: Uint8Array
    ready(): Promise<void>
    append(blocks: Uint8Array[]): Promise<unknown>
    get(index: number, options: { wait: boolean }): Promise<Uint8Array | null>
    download(range: { start: number; end: number }): { done(): Promise<unknown> }
    replicate(connection: object): unknown
    close(): Promise<void>
    on(event: 'download', listener: (index: number, byteLength: number) => void): this
  }
}
