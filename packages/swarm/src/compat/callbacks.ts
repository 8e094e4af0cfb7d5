import { invalidArgument } from '../errors.js'

/** A Node-style callback: an error, or null and the result. */
export type Callback<T extends unknown[] = []> = (error: Error | null, ...result: Partial<T>) => void

/** Runs application code in isolation: an error it throws is uncaught, as in the older systems, and breaks nothing. */
export function later(run: () => void): void {
  queueMicrotask(run)
}

/** Calls `callback`, if given, when `done` settles. Returns `done`, whose rejection then counts as handled. */
export function withCallback<T>(done: Promise<T>, callback: Callback<[T]> | undefined): Promise<T> {
  if (callback === undefined) return done
  done.then(
    (result) => later(() => callback(null, result)),
    (error: unknown) => later(() => callback(toError(error)))
  )
  return done
}

/** Throws a `TypeError` that names `name` unless `callback` is a function or undefined. */
export function assertCallback(callback: unknown, name = 'callback'): void {
  if (callback !== undefined && typeof callback !== 'function') throw invalidArgument(name, 'a function', callback)
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
