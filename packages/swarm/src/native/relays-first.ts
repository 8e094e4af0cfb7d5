import type { Clock } from '@swarmway/runtime'
import { member, override } from './guard/override.js'

/**
 * Milliseconds that the known relays of a peer have until the DHT is searched for others, in steps: an answer may wait
 * unread while our event loop stands still, and that counts as one step at most.
 */
const HEAD_START_STEP_MS = 100
const HEAD_START_STEPS = 3

/** The requests of one dial. HyperDHT destroys it when the peer has answered, and when the dial ends. */
interface DialSession {
  destroy(): void
}

interface SearchOptions {
  /** False: the target is the hash already. */
  readonly hash?: boolean
  readonly nodes?: readonly unknown[] | null
  readonly session?: DialSession
}

/** A query of HyperDHT. */
interface Search extends AsyncIterable<unknown> {
  destroy(): void
}

type FindPeer = (target: Uint8Array, options?: SearchOptions) => Search
type AskRelay = (target: Uint8Array, request: { readonly session?: DialSession }, ...rest: never[]) => Promise<unknown>

const changed = new WeakSet<object>()

/**
 * Makes the dials of a HyperDHT node ask the relays that they know first. HyperDHT searches the DHT for others at the same
 * time. That is most of a dial's packets, and is for nothing if the first relay answers. Here, the search begins when
 * that relay has failed or is slow. Another kind of node is left as it is.
 */
export function askRelaysFirst(node: object, clock: Clock): void {
  const router = member(node, '_router')
  if (changed.has(node) || typeof member(node, 'findPeer') !== 'function' || typeof router !== 'object') return
  changed.add(node)
  const searches = new WeakMap<DialSession, LateSearch>()
  override<FindPeer>(node, 'findPeer', (findPeer) => (target, options = {}) => {
    const { hash, nodes, session } = options
    // Only the first search of a dial that knows relays has all three. An application needs the query itself.
    if (hash !== false || !nodes?.length || session === undefined || searches.has(session))
      return findPeer(target, options)
    const search = new LateSearch(() => findPeer(target, options), session, clock)
    searches.set(session, search)
    return search
  })
  override<AskRelay>(router, 'peerHandshake', (ask) => async (target, request, ...rest) => {
    try {
      return await ask(target, request, ...rest)
    } catch (error) {
      if (request.session !== undefined) searches.get(request.session)?.begin()
      throw error
    }
  })
}

/** A search that begins late, or not at all if its dial no longer needs it. */
class LateSearch implements Search {
  readonly #open: () => Search
  readonly #clock: Clock
  #timer: unknown
  readonly #isNeeded: Promise<boolean>
  #decide: (isNeeded: boolean) => void = () => {}
  #search: Search | null = null

  constructor(open: () => Search, session: DialSession, clock: Clock) {
    this.#open = open
    this.#clock = clock
    this.#isNeeded = new Promise((resolve) => {
      this.#decide = resolve
    })
    this.#wait(HEAD_START_STEPS)
    override<() => void>(session, 'destroy', (destroy) => () => {
      this.#settle(false)
      destroy()
    })
  }

  /** The relays do not lead to the peer, or not soon. */
  begin(): void {
    this.#settle(true)
  }

  destroy(): void {
    this.#settle(false)
    this.#search?.destroy()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    if (!(await this.#isNeeded)) return
    this.#search = this.#open()
    yield* this.#search
  }

  #wait(steps: number): void {
    if (steps === 0) this.begin()
    else this.#timer = this.#clock.setTimeout(() => this.#wait(steps - 1), HEAD_START_STEP_MS)
  }

  /** Only the first decision counts. */
  #settle(isNeeded: boolean): void {
    this.#clock.clearTimeout(this.#timer)
    this.#decide(isNeeded)
  }
}
