/**
 * The part of an `AbortSignal` that is used; the platform's satisfies it. Declared by shape, because its type exists
 * only with the types of a browser or of Node.
 */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
