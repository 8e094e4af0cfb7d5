import { PROXY_OUTLINES } from './outlines/proxy.ts'
import { SWARM_OUTLINES } from './outlines/swarm.ts'
import type { Outline } from './render.ts'

/** The contents of the pages of docs/reference that are made from the sources. */
export const OUTLINES: readonly Outline[] = [...SWARM_OUTLINES, ...PROXY_OUTLINES]
