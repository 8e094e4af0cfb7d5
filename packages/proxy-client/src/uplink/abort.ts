import type { AbortSignalLike } from '@swarmway/swarm/core'

/** The part of an `AbortController` that is used. */
export interface Abort {
  readonly signal: AbortSignalLike
  abort(): void
}

/** Declared here because neither DOM nor Node types may be assumed. */
const platform = globalThis as unknown as { readonly AbortController: new () => Abort }

/** An `AbortController` of the platform. */
export function createAbort(): Abort {
  return new platform.AbortController()
}
