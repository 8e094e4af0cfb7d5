// The part of `bare-ws` that is used; its own types need Bare's.
export class Socket {
  constructor(url: string, options: { maxPayload: number })
  readonly closeCode: number
  readonly closeReason: Uint8Array
  on(event: 'open' | 'close', listener: () => void): this
  on(event: 'message', listener: (data: Uint8Array, isBinary: boolean) => void): this
  on(event: 'error', listener: (error: Error) => void): this
  write(data: Uint8Array, done: () => void): boolean
  close(code: number): void
  destroy(): void
  resume(): void
}
