import { EventEmitter } from 'events'
import { throwLater } from './application.js'

/** A map from event name to the arguments of its listeners. */
export type EventMap = Record<string, unknown[]>

/** The surface of Node's EventEmitter, with the events typed. */
export interface TypedEmitter<Events extends { [K in keyof Events]: unknown[] }> {
  on<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this
  once<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this
  off<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this
  addListener<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this
  removeListener<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this
  prependListener<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): this
  removeAllListeners(event?: keyof Events): this
  emit<K extends keyof Events>(event: K, ...args: Events[K]): boolean
  listenerCount(event: keyof Events): number
  listeners(event: keyof Events): unknown[]
  eventNames(): PropertyKey[]
  setMaxListeners(count: number): this
}

/** The constructor type of {@link TypedEmitter}. */
export type TypedEmitterConstructor = new <Events extends { [K in keyof Events]: unknown[] }>() => TypedEmitter<Events>

/** An emitter with the interface of Node's, from any library. */
export interface AnyEmitter {
  emit(event: PropertyKey, ...args: unknown[]): boolean
  rawListeners(event: PropertyKey): readonly unknown[]
}

/**
 * Calls the listeners of an event. What one of them throws is uncaught; it neither reaches who emits, who may be in the
 * middle of something, nor keeps the event from the other listeners. Returns whether there was one.
 */
export function emitIsolated(emitter: AnyEmitter, event: PropertyKey, args: readonly unknown[]): boolean {
  const listeners = emitter.rawListeners(event)
  for (const listener of listeners) {
    try {
      Reflect.apply(listener as () => void, emitter, args)
    } catch (error) {
      throwLater(error)
    }
  }
  return listeners.length > 0
}

/** Has an emitter of another library emit as {@link emitIsolated} does. */
export function isolateListeners(emitter: AnyEmitter): void {
  const { emit } = emitter
  emitter.emit = (event, ...args) =>
    isUnheardError(emitter, event) ? Reflect.apply(emit, emitter, [event, ...args]) : emitIsolated(emitter, event, args)
}

class IsolatedEmitter extends EventEmitter {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    return isUnheardError(this, event) ? super.emit(event, ...args) : emitIsolated(this, event, args)
  }
}

/** Such an error is the emitter's own to throw. */
function isUnheardError(emitter: AnyEmitter, event: PropertyKey): boolean {
  return event === 'error' && emitter.rawListeners(event).length === 0
}

/** Base class for typed emitters. It emits as {@link emitIsolated} does, and is the platform's EventEmitter else. */
export const TypedEmitter: TypedEmitterConstructor = IsolatedEmitter as unknown as TypedEmitterConstructor
