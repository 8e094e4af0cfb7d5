/** How much of the tier runs, from the environment; `scripts/networks.mjs` sets it. */
import type { NetworkSystem } from '../agents/swarms.ts'

export type Extent = 'quick' | 'normal' | 'full'

const EXTENTS: readonly Extent[] = ['quick', 'normal', 'full']
const { NETWORKS_EXTENT = 'normal', NETWORKS_ROUNDS } = process.env

/** Quick: about two minutes, for CI. Full: with outages of many minutes. */
export const EXTENT: Extent = EXTENTS.find((extent) => extent === NETWORKS_EXTENT) ?? 'normal'
export const IS_QUICK = EXTENT === 'quick'
export const IS_FULL = EXTENT === 'full'
const DEFAULT_ROUNDS = IS_QUICK ? 1 : 3
/** How often each system is measured. */
export const ROUNDS = NETWORKS_ROUNDS === undefined ? DEFAULT_ROUNDS : Number(NETWORKS_ROUNDS)

/** The systems of a run: in a quick one only ours, as nothing is compared. */
export function systemsOf(...systems: NetworkSystem[]): NetworkSystem[] {
  return IS_QUICK ? systems.filter((system) => system !== 'hyperswarm') : systems
}
