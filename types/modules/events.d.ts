// Node has types for this module, the `events` package for browsers has none. The packages that run on both are
// compiled against this part of it; see `paths` in their tsconfig.json.

export class EventEmitter {
  on(event: PropertyKey, listener: (...args: never[]) => void): this
  emit(event: PropertyKey, ...args: unknown[]): boolean
  removeAllListeners(event?: PropertyKey): this
}
