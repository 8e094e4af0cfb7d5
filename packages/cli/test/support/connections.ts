import { EventEmitter } from 'node:events'
import type { Connection } from '@swarmway/swarm'

/** One end of a connection in memory, as far as the commands use it. It keeps the boundaries of messages. */
class FakeConnection extends EventEmitter {
  readonly remotePublicKey: Uint8Array
  peer: FakeConnection | null = null
  #isClosed = false

  constructor(remotePublicKey: Uint8Array) {
    super()
    this.remotePublicKey = remotePublicKey
  }

  write(message: Uint8Array): boolean {
    setImmediate(() => this.peer?.deliver(message))
    return true
  }

  deliver(message: Uint8Array): void {
    if (!this.#isClosed) this.emit('data', message)
  }

  flush(): Promise<boolean> {
    return new Promise((resolve) => setImmediate(() => resolve(true)))
  }

  end(): this {
    setImmediate(() => this.destroy())
    return this
  }

  destroy(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.emit('close')
    setImmediate(() => this.peer?.destroy())
  }
}

/** Both ends of a connection between the holders of two keys. */
export function connectionPair(a: Uint8Array, b: Uint8Array): [Connection, Connection] {
  const near = new FakeConnection(b)
  const far = new FakeConnection(a)
  near.peer = far
  far.peer = near
  return [near as unknown as Connection, far as unknown as Connection]
}
