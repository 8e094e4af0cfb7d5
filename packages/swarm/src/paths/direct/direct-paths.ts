import { emitIsolated, reasonOf, trace } from '@swarmway/runtime'
import type { Connection, ConnectionPath } from '../../network/connection.js'
import type { PeerInfo } from '../../peers/peer-info.js'
import type { DirectStats } from '../../util/stats.js'
import { NO_OBSERVER } from '../path-listeners.js'
import { PathStream } from '../path-stream.js'
import type { SpareContext } from '../spare/spare-path.js'
import { MAX_DIRECT_PATHS, MAX_SPARE_DIALS } from './limits.js'
import type { MoveContext } from './move.js'
import type { DirectSettings } from './options.js'

/** What the direct paths of a swarm need. */
export interface DirectContext extends Omit<SpareContext, 'takeDialPlace' | 'freeDialPlace'> {
  readonly stats: DirectStats
  /** What connections are before they move. */
  readonly firstPath: ConnectionPath
}

/** Moves the connections of one swarm to direct paths, and says in `connection.path` which way they take. */
export class DirectPaths {
  readonly #settings: DirectSettings | null
  readonly #context: DirectContext
  #places = MAX_DIRECT_PATHS
  #spareDialPlaces = MAX_SPARE_DIALS
  /** What connections do when the network has changed. */
  readonly #onChange = new Set<() => void>()

  /** Without settings, connections stay where they are. */
  constructor(settings: DirectSettings | null, context: DirectContext) {
    this.#settings = settings
    this.#context = context
  }

  /** A connection is open, and about to be shown to the application. */
  begin(connection: Connection, info: PeerInfo): void {
    const stream: unknown = connection.rawStream
    const { firstPath, stats } = this.#context
    // Not an accessor: with one more of those, the engine keeps the connection as a dictionary, which takes 3 kB and is slow.
    const shown: { path: ConnectionPath } = connection
    shown.path = firstPath
    if (this.#settings === null || !(stream instanceof PathStream) || stream.destroying) return
    const show = (path: ConnectionPath) => {
      if (path === shown.path) return
      stats.current += path === 'direct' ? 1 : -1
      shown.path = path
    }
    stream.on('close', () => show(firstPath))
    const onPath = () => {
      const { path } = shown
      show(stream.isOnFirstPath ? firstPath : 'direct')
      if (path !== shown.path) emitIsolated(connection, 'path', [shown.path])
    }
    void this.#move(stream, info, {
      ...this.#context,
      ...{ settings: this.#settings, isInitiator: connection.isInitiator, onPath },
      takePlace: () => this.#places > 0 && this.#places-- > 0,
      freePlace: () => this.#places++,
      takeDialPlace: () => this.#spareDialPlaces > 0 && this.#spareDialPlaces-- > 0,
      freeDialPlace: () => this.#spareDialPlaces++
    })
  }

  /** The node's network has changed: peers may be reachable again, and we for them. */
  onNetworkChange(): void {
    for (const react of this.#onChange) react()
  }

  /** Loads the rest of the code, which pages need only when they have a connection. Without it, the connection stays. */
  async #move(stream: PathStream, info: PeerInfo, context: MoveContext): Promise<void> {
    try {
      const { move } = await import('./move.js')
      if (stream.destroying) return
      const react = move(stream, info, context)
      this.#onChange.add(react)
      stream.on('close', () => this.#onChange.delete(react))
    } catch (error) {
      // The peer asks now and then. That must not pile up, until it is taken for a flood.
      stream.observe(NO_OBSERVER)
      context.stats.failed++
      trace.direct?.('failed', { peer: info.publicKey, ...reasonOf(error as Error) })
    }
  }
}
