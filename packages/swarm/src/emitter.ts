import { EventEmitter } from 'events'

/** A map from event name to the arguments of its listeners. */
export type EventMap = Record<string, unknown[]>

/** The surface of Node's EventEmitter, with the events typed. It is the platform's own class at run time. */
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

/** Base class for typed emitters. */
export const TypedEmitter: TypedEmitterConstructor = EventEmitter as unknown as TypedEmitterConstructor
