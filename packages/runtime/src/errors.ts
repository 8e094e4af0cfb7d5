/**
 * A `TypeError` with the code `INVALID_ARGUMENT`. The message begins with the name of the option or argument, and says what it
 * must be.
 */
export function badOption(message: string): TypeError & { readonly code: 'INVALID_ARGUMENT' } {
  return Object.assign(new TypeError(message), { code: 'INVALID_ARGUMENT' as const })
}

/** Throws {@link badOption} unless the options are an object. */
export function assertOptions(options: unknown): asserts options is object {
  if (typeof options === 'object' && options !== null) return
  throw badOption(`options must be an object, not ${options === null ? 'null' : typeof options}`)
}

/** Throws {@link badOption} unless the option is undefined or of a type, as `typeof` says. */
export function verifyType<T extends object>(options: T, name: keyof T & string, type: string): void {
  const value = options[name]
  if (value === undefined || (typeof value === type && value !== null)) return
  throw badOption(`${name} must be a value of type ${type}, not ${value === null ? 'null' : typeof value}`)
}

/** The `code` of any thrown value, or `fallback`, '' unless given, if it has none. */
export function codeOf(error: unknown, fallback = ''): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return fallback
  return typeof error.code === 'string' ? error.code : fallback
}
