/** How much of the tier runs, from the environment; `scripts/networks.mjs` sets it. */
import type { NetworkSystem } from '../agents/swarms.ts'

export type Extent = 'quick' | 'normal' | 'full'

const EXTENTS: readonly Extent[] = ['quick', 'normal', 'full']
const { NETWORKS_EXTENT = 'normal', NETWORKS_ROUNDS } = process.env

/** Quick: about two minutes, for CI. Full: with outages of many minutes. */
const EXTENT: Extent = EXTENTS.find((extent) => extent === NETWORKS_EXTENT) ?? 'normal'
export const IS_QUICK = EXTENT === 'quick'
const DEFAULT_ROUNDS = IS_QUICK ? 1 : 4
/** How often each system is measured; tests that keep the machine busy measure twice at most. */
export const ROUNDS = NETWORKS_ROUNDS === undefined ? DEFAULT_ROUNDS : Number(NETWORKS_ROUNDS)

/** Whether this run includes what is marked so; a full run includes everything. */
export function includes(marked: Extent): boolean {
  return EXTENTS.indexOf(marked) <= EXTENTS.indexOf(EXTENT)
}

/** The systems of a run: in a quick one only ours, as nothing is compared. */
export function systemsOf(...systems: NetworkSystem[]): NetworkSystem[] {
  return IS_QUICK ? systems.filter((system) => system !== 'hyperswarm') : systems
}
