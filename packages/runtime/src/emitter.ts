import { EventEmitter } from '#events'
import { throwLater } from './application.js'

/** A map from event name to the arguments of its listeners. */
export type EventMap = Record<string, unknown[]>

/** The constraint of an event map, which interfaces meet too. */
export type AnyEvents<Events> = { [K in keyof Events]: unknown[] }

/** What takes a listener of one event. */
type ListenTo<Self, Event, Args extends unknown[]> = (event: Event, listener: (...args: Args) => void) => Self

/** All of `Union` at once. */
type Intersection<Union> = (Union extends unknown ? (member: Union) => void : never) extends (all: infer All) => void
  ? All
  : never

/**
 * A method that takes a listener, such as `on`: one signature per event, so that a union of two emitters has those of
 * the events that both have, and one for an event that is known by its type only.
 */
export type Listen<Self, Events extends AnyEvents<Events>> = Intersection<
  { [K in keyof Events]: ListenTo<Self, K, Events[K]> }[keyof Events]
> &
  (<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void) => Self)

/** The interface of Node's EventEmitter, with typed events. Node's functions that take an EventEmitter accept it. */
export interface TypedEmitter<Events extends AnyEvents<Events>> {
  on: Listen<this, Events>
  once: Listen<this, Events>
  off: Listen<this, Events>
  addListener: Listen<this, Events>
  removeListener: Listen<this, Events>
  prependListener: Listen<this, Events>
  prependOnceListener: Listen<this, Events>
  emit<K extends keyof Events>(event: K, ...args: Events[K]): boolean
  removeAllListeners(event?: string | symbol): this
  listenerCount(event: string | symbol): number
  listeners(event: string | symbol): AnyListener[]
  rawListeners(event: string | symbol): AnyListener[]
  eventNames(): (string | symbol)[]
  getMaxListeners(): number
  setMaxListeners(count: number): this
}

/** A listener of any event. */
export type AnyListener = (...args: never[]) => unknown

/** The constructor type of {@link TypedEmitter}. */
export type TypedEmitterConstructor = new <Events extends AnyEvents<Events>>() => TypedEmitter<Events>

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

/**
 * Makes a connection emit as {@link emitIsolated} does. An error that nobody listens for is not thrown either: a peer that
 * resets its connection must not end an application that forgot to listen.
 */
export function isolateListeners(emitter: AnyEmitter): void {
  emitter.emit = isolatedEmit
}

/** One function for all of them: there are two for each connection. */
function isolatedEmit(this: AnyEmitter, event: PropertyKey, ...args: unknown[]): boolean {
  return emitIsolated(this, event, args)
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
