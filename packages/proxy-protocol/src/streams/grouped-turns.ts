import { type Turn, Turns, type Waiting } from './turns.js'

/** A stream that may share its turns with others. */
export interface Grouped extends Waiting {
  /** Streams with the same group have one turn together; null: the stream has turns of its own. */
  readonly group: object | null
}

/** The streams of a group, as the others see them: like one stream. */
class Group<T extends Grouped> implements Waiting {
  sendable = false
  turn: Turn = 'none'
  readonly members = new Turns<T>()
}

/**
 * Whose turn it is, where some streams belong together: those of one client of many, on the link between two servers. Each
 * group has as many turns as a stream without a group, however many streams it has.
 */
export class GroupedTurns<T extends Grouped> {
  readonly #turns = new Turns<T | Group<T>>()
  /** Only the links between servers have groups. */
  #groups: WeakMap<object, Group<T>> | null = null

  /** Returns false if it has nothing to send, or is in line already. */
  add(stream: T): boolean {
    const group = this.#groupOf(stream)
    if (group === null) return this.#turns.add(stream)
    if (!group.members.add(stream)) return false
    group.sendable = true
    this.#turns.add(group)
    return true
  }

  /** The stream whose turn it is; it is in line again, behind the others. */
  take(): T | undefined {
    for (;;) {
      const next = this.#turns.take()
      if (!(next instanceof Group)) return next
      const stream = next.members.take()
      if (stream !== undefined) return stream
      next.sendable = false
    }
  }

  clear(): void {
    this.#turns.clear()
    this.#groups = null
  }

  #groupOf({ group }: T): Group<T> | null {
    if (group === null) return null
    this.#groups ??= new WeakMap()
    const known = this.#groups.get(group) ?? new Group<T>()
    this.#groups.set(group, known)
    return known
  }
}
