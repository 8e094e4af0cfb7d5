// Node has types for this module, the `events` package for browsers has none. The packages that run on both are
// compiled against this part of it; see `paths` in their tsconfig.json.

export class EventEmitter {
  on(event: string | symbol, listener: (...args: never[]) => void): this
  emit(event: string | symbol, ...args: unknown[]): boolean
  rawListeners(event: string | symbol): readonly unknown[]
  removeAllListeners(event?: PropertyKey): this
}
