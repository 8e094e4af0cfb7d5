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
