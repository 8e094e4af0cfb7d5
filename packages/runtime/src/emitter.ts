import { EventEmitter } from 'events'
import { throwLater } from './application.js'

/** A map from event name to the arguments of its listeners. */
export type EventMap = Record<string, unknown[]>

/** The interface of Node's EventEmitter, with typed events. */
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

/** An emitter from any library with Node's interface. */
export interface AnyEmitter {
  emit(event: PropertyKey, ...args: unknown[]): boolean
  rawListeners(event: PropertyKey): readonly unknown[]
}

/**
 * Calls the listeners of an event. If one throws, the error is uncaught: it reaches neither the emitting code, which
 * may be in the middle of something, nor the other listeners. Returns whether there was a listener.
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

/** Makes an emitter from another library emit as {@link emitIsolated} does. */
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

/** The emitter itself throws an error event that has no listeners. */
function isUnheardError(emitter: AnyEmitter, event: PropertyKey): boolean {
  return event === 'error' && emitter.rawListeners(event).length === 0
}

/** Base class for typed emitters. It emits like {@link emitIsolated} and otherwise is the platform's EventEmitter. */
export const TypedEmitter: TypedEmitterConstructor = IsolatedEmitter as unknown as TypedEmitterConstructor
