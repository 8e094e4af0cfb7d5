declare module 'corestore' {
  interface Core {
    readonly key: Uint8Array & { toString(encoding: 'hex'): string }
    readonly discoveryKey: Uint8Array
    ready(): Promise<void>
    append(blocks: string[]): Promise<unknown>
    update(options: { wait: boolean }): Promise<boolean>
    get(index: number): Promise<Uint8Array>
    createReadStream(options: { live: boolean }): AsyncIterable<Uint8Array>
  }
  export default class Corestore {
    constructor(folder: string)
    get(options: { name: string } | { key: Uint8Array }): Core
    replicate(connection: object): unknown
    close(): Promise<void>
  }
}
