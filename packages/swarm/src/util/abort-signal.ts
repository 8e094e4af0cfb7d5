/**
 * What is used of an `AbortSignal`; the platform's satisfies it. Declared by shape, as there is a type for it only with
 * the types of a browser or of Node.
 */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}
