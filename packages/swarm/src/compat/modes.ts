import { invalidArgument } from '../errors.js'
import type { JoinOptions } from '../swarm/swarm-types.js'

/** Options of `join`, with the names of the older systems. */
export interface LegacyJoinOptions extends JoinOptions {
  /**
   * Be found and accept connections.
   * @deprecated Use `server`.
   */
  announce?: boolean | undefined
  /**
   * Look peers up and dial them. Always done without `announce`.
   * @deprecated Use `client`.
   */
  lookup?: boolean | undefined
}

/** The options of `join` that these correspond to. Without any mode, `isAnnounced` decides whether to announce. */
export function modeOf(options: LegacyJoinOptions, isAnnounced: boolean): JoinOptions {
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options)
  const { announce, lookup, ...today } = options
  const isOld = announce !== undefined || lookup !== undefined
  if (!isOld && (today.client !== undefined || today.server !== undefined)) return today
  if (announce !== undefined) assertBoolean('announce', announce)
  if (lookup !== undefined) assertBoolean('lookup', lookup)
  const server = announce ?? (isOld ? false : isAnnounced)
  return { ...today, server, client: !server || lookup !== false }
}

function assertBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') throw invalidArgument(name, 'a boolean', value)
}
