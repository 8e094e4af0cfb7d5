declare module 'hyperdrive' {
  export default class Hyperdrive {
    constructor(store: object, key?: Uint8Array)
    readonly key: Uint8Array & { toString(encoding: 'hex'): string }
    readonly discoveryKey: Uint8Array
    ready(): Promise<void>
    put(path: string, content: Uint8Array): Promise<void>
    get(path: string): Promise<Uint8Array | null>
    update(options: { wait: boolean }): Promise<boolean>
    /** Call the returned function when the search for peers is over. */
    findingPeers(): () => void
  }
}
