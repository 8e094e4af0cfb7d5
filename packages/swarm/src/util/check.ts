import { invalidArgument } from '../errors.js'

/** What {@link isCount} accepts. */
export const COUNT_EXPECTED = 'a whole number, 0 or more, or Infinity'

/** What {@link isPositiveCount} accepts. */
export const POSITIVE_COUNT_EXPECTED = 'a whole number, 1 or more'

/** Throws a `TypeError` that names `name` unless `value` is an object. */
export function assertObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw invalidArgument(name, 'an object', value)
}

/** Throws a `TypeError` that names the option unless it is undefined or accepted, or if there is no object of options. */
export function check(options: object, name: string, expected: string, accepts: (value: unknown) => boolean): void {
  assertObject('options', options)
  const value = (options as Record<string, unknown>)[name]
  if (value !== undefined && !accepts(value)) throw invalidArgument(name, expected, value)
}

export const isFunction = (value: unknown) => typeof value === 'function'
export const isBoolean = (value: unknown) => typeof value === 'boolean'
export const isCount = (value: unknown) =>
  value === Number.POSITIVE_INFINITY || (Number.isInteger(value) && Number(value) >= 0)
export const isPositiveCount = (value: unknown) => isCount(value) && Number(value) >= 1
