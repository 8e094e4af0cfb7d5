/** A method, as far as its type is known here. */
export type Method = (...args: never[]) => unknown

/**
 * Replaces a method of one object with `make(original)`, and leaves its class alone. When called through a view of
 * the object, such as a Proxy, the original sees that view. Returns whether the method exists: without one, nothing
 * changes.
 */
export function override<M extends Method>(owner: unknown, name: string, make: (original: M) => M): boolean {
  if (typeof owner !== 'object' || owner === null) return false
  const methods = owner as Record<string, M>
  const original = methods[name]
  if (typeof original !== 'function') return false
  const replaced = make(original.bind(owner) as M)
  methods[name] = function (this: unknown, ...args: never[]) {
    return this === owner ? replaced(...args) : make(original.bind(this) as M)(...args)
  } as M
  return true
}

/** The member of an object, which may not have it. */
export function member(owner: object, name: string): unknown {
  return (owner as Record<string, unknown>)[name]
}
