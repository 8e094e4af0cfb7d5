import type { Clock } from '@swarmway/runtime'
import { member, override } from './guard/override.js'

/**
 * Milliseconds that the known relays of a peer have until the DHT is searched for others, in steps: an answer may wait
 * unread while our event loop stands still, and that counts as one step at most.
 */
const STEP_MS = 100
const HEAD_START_STEPS = 3

/** The steps that relays still have when no node of the DHT knows the peer. */
const LAST_STEPS = 5

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
  /** Nodes that have answered. */
  readonly closestReplies?: readonly unknown[]
  destroy(): void
}

type FindPeer = (target: Uint8Array, options?: SearchOptions) => Search
type AskRelay = (target: Uint8Array, request: { readonly session?: DialSession }, ...rest: never[]) => Promise<unknown>

const changed = new WeakSet<object>()

/**
 * Makes the dials of a HyperDHT node ask the relays that they know first. HyperDHT searches the DHT for others at the same
 * time. That is most of a dial's packets, and is for nothing if the first relay answers. Here, the search begins when
 * that relay has failed or is slow, and not with that relay. If no node knows the peer, the dial ends half a second later:
 * anyone can announce keys with relays that never answer, and each took four seconds to find out. Another kind of node is
 * left as it is.
 */
export function askRelaysFirst(node: object, clock: Clock): void {
  const router = member(node, '_router')
  if (changed.has(node) || typeof member(node, 'findPeer') !== 'function' || typeof router !== 'object') return
  changed.add(node)
  const searches = new WeakMap<DialSession, LateSearch>()
  override<FindPeer>(node, 'findPeer', (findPeer) => (target, options = {}) => {
    const { hash, nodes, session } = options
    const first = session && searches.get(session)
    if (first?.isInVain === true) return NOTHING
    // Only the first search of a dial that knows relays has all three. An application needs the query itself.
    if (hash !== false || !nodes?.length || session === undefined || first !== undefined)
      return findPeer(target, options)
    const search = new LateSearch(() => findPeer(target, { ...options, nodes: null }), session, clock)
    searches.set(session, search)
    return search
  })
  override<AskRelay>(router, 'peerHandshake', (ask) => async (target, request, ...rest) => {
    const search = request.session && searches.get(request.session)
    try {
      const answer = ask(target, request, ...rest)
      return await (search === undefined ? answer : Promise.race([answer, search.failed]))
    } catch (error) {
      search?.begin()
      throw error
    }
  })
}

/** Nobody knows the peer. */
const NOTHING: Search = {
  destroy() {},
  async *[Symbol.asyncIterator]() {}
}

/** A search that begins late, or not at all if its dial no longer needs it. */
class LateSearch implements Search {
  readonly #open: () => Search
  readonly #clock: Clock
  #timer: unknown
  readonly #isNeeded: Promise<boolean>
  #decide: (isNeeded: boolean) => void = () => {}
  #search: Search | null = null
  #isOver = false
  /** Whether nodes have answered and none knows the peer. */
  isInVain = false
  /** Rejects when the relays have had their time since then. */
  readonly failed: Promise<never>
  #fail: (error: Error) => void = () => {}

  constructor(open: () => Search, session: DialSession, clock: Clock) {
    this.#open = open
    this.#clock = clock
    this.#isNeeded = new Promise((resolve) => {
      this.#decide = resolve
    })
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failed.catch(() => {})
    this.#wait(HEAD_START_STEPS, () => this.begin())
    override<() => void>(session, 'destroy', (destroy) => () => {
      this.#end()
      destroy()
    })
  }

  /** The relays do not lead to the peer, or not soon. */
  begin(): void {
    this.#settle(true)
  }

  destroy(): void {
    this.#end()
    this.#search?.destroy()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    if (!(await this.#isNeeded)) return
    this.#search = this.#open()
    let isKnown = false
    for await (const reply of this.#search) {
      isKnown = true
      yield reply
    }
    // Without an answer, as on a network of two, the search says nothing about the peer.
    this.isInVain = !isKnown && !this.#isOver && (this.#search.closestReplies?.length ?? 0) > 0
    if (this.isInVain) this.#wait(LAST_STEPS, () => this.#fail(new Error('nobody knows the peer')))
  }

  #wait(steps: number, then: () => void): void {
    if (steps === 0) then()
    else this.#timer = this.#clock.setTimeout(() => this.#wait(steps - 1, then), STEP_MS)
  }

  #end(): void {
    this.#isOver = true
    this.#settle(false)
  }

  /** Only the first decision counts. */
  #settle(isNeeded: boolean): void {
    this.#clock.clearTimeout(this.#timer)
    this.#decide(isNeeded)
  }
}
