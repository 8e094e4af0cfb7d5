import { PROXY_OUTLINES } from './outlines/proxy.ts'
import { SWARM_OUTLINES } from './outlines/swarm.ts'
import type { Outline } from './render.ts'

/** What stands on which page of docs/reference that is made from the sources. */
export const OUTLINES: readonly Outline[] = [...SWARM_OUTLINES, ...PROXY_OUTLINES]
