import { ClientItems, type Owner } from './client-items.js'
import { Lines } from './lines.js'

/** Takes what the client is served with; undefined if nothing is ready. */
export type Take<T> = (items: ClientItems<T>, client: Owner) => T | undefined

/** A turn that somebody has had. */
export interface Turn<T> {
  readonly item: T
  readonly client: Owner
  /** Those whose turn it was: the client, its network, its site. */
  readonly had: (readonly [lines: Lines<Key, Member<T>>, key: Key])[]
}

type Key = string | Owner
type Member<T> = Branch<T> | Newcomers<T> | ClientItems<T>

/**
 * Those who share the turns of one: all sites, the networks of a site, or the clients of a network. Where one of them has
 * used its turns, its newcomers have turns of their own, so that they do not pay for a stranger behind the same NAT.
 */
export class Branch<T> {
  readonly name: string
  readonly members: Lines<Key, Member<T>>
  /** Null for the trunk. */
  readonly #parent: Branch<T> | null
  readonly #servedAtOnce: number
  readonly #newcomers = new Newcomers(this)

  /** `servedAtOnce` is how many items can be in service. */
  constructor(servedAtOnce: number, name = '', parent: Branch<T> | null = null) {
    this.name = name
    this.#parent = parent
    this.#servedAtOnce = servedAtOnce
    // Turns count where nobody else waits, too: a busy client is to be told from those that come later.
    this.members = new Lines(servedAtOnce, parent !== null)
  }

  /** 1 if something waits, otherwise 0. */
  get size(): number {
    return Math.min(1, this.members.size)
  }

  /** Whether it has had clearly fewer turns of late than others beside it. */
  get isAhead(): boolean {
    return this.#parent?.members.isAhead(this.name) !== false
  }

  /** The branch of a member, which may be new. */
  branch(name: string): Branch<T> {
    const found = this.members.get(name) ?? this.members.get(newcomersOf(name))
    if (found instanceof Newcomers) return found.branch
    return found instanceof Branch ? found : new Branch(this.#servedAtOnce, name, this)
  }

  /** Whether it, or its newcomers, have had clearly fewer turns than others, and so has each branch that it is in. */
  isAheadOfAll(isAlone: boolean): boolean {
    const parent = this.#parent
    if (parent === null) return true
    const isTop = parent.#parent === null
    return ((isTop && isAlone) || this.#hasTurnsLeft) && parent.isAheadOfAll(isAlone)
  }

  /** Call it before something is added for a member. */
  enter(isMemberAhead: boolean): void {
    const parent = this.#parent
    if (parent === null) return
    parent.members.obtain(this.name, () => this)
    if (isMemberAhead) parent.members.obtain(newcomersOf(this.name), () => this.#newcomers)
    parent.enter(this.#hasTurnsLeft)
  }

  /** Call it after each change: whether something waits for newcomers follows from more than what is added. */
  settle(): void {
    const parent = this.#parent
    for (const key of [this.name, newcomersOf(this.name)]) parent?.members.settle(key)
    parent?.settle()
  }

  /** Forgets those who wait for nothing and would come first anyway. */
  prune(): void {
    this.members.prune()
    this.#parent?.prune()
  }

  /** Gives a turn to the first who takes something. Branches that are held have none until `bringBack` of `members`. */
  turn(take: Take<T>, isHeld: (branch: string) => boolean = () => false, isNewcomer = false): Turn<T> | null {
    const held: Key[] = []
    let turn: Turn<T> | null = null
    for (const [key, member] of this.members.inOrder()) {
      if (isNewcomer && !this.members.isAhead(key)) break
      if (!(member instanceof ClientItems) && isHeld(member.name)) held.push(key)
      else turn = this.#offer(key, member, take)
      if (turn !== null) break
    }
    for (const key of held) this.members.setAside(key)
    return turn
  }

  get #hasTurnsLeft(): boolean {
    return this.isAhead || this.#parent?.members.isAhead(newcomersOf(this.name)) === true
  }

  #offer(key: Key, member: Member<T>, take: Take<T>): Turn<T> | null {
    const waitingCount = this.members.size
    const turn = member instanceof ClientItems ? offerClient(key as Owner, member, take) : member.turn(take)
    if (turn === null) return null
    turn.had.push([this.members, key])
    this.members.settle(key)
    this.members.serve(key, this.#parent === null ? waitingCount : this.members.size)
    return turn
  }
}

/** Those who are ahead of the others of their branch, while the branch itself is not ahead of other branches. */
class Newcomers<T> {
  readonly branch: Branch<T>

  constructor(branch: Branch<T>) {
    this.branch = branch
  }

  get name(): string {
    return this.branch.name
  }

  get size(): number {
    const [first] = this.branch.isAhead ? [] : (this.branch.members.first() ?? [])
    return first !== undefined && this.branch.members.isAhead(first) ? 1 : 0
  }

  turn(take: Take<T>): Turn<T> | null {
    return this.branch.isAhead ? null : this.branch.turn(take, undefined, true)
  }
}

function offerClient<T>(client: Owner, items: ClientItems<T>, take: Take<T>): Turn<T> | null {
  const item = take(items, client)
  return item === undefined ? null : { item, client, had: [] }
}

function newcomersOf(name: string): string {
  return `newcomers of ${name}`
}
