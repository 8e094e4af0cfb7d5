import type { Saying } from './protocol.ts'

/** Lines kept per author, so that nobody can fill the others' memory. */
const MAX_LINES_PER_AUTHOR = 200
/** Lines kept in total: a peer that makes new keys is a new author each time. */
const MAX_LINES = 2000

/** A line of the conversation. */
export interface Line extends Saying {
  /** The author's public key, in hex. */
  readonly author: string
  /** The author's nickname at the time. */
  readonly nickname: string
  /** The author's colour at the time, in degrees. */
  readonly hue: number
  /** Whether it has reached somebody; of lines of our own. */
  isDelivered?: boolean
}

/** All lines, in order of time. A line that arrives twice is kept once. */
export class Conversation {
  readonly #lines = new Map<string, Line>()

  get lines(): readonly Line[] {
    return [...this.#lines.values()].sort((a, b) => a.timeMs - b.timeMs)
  }

  by(author: string): Line[] {
    return this.lines.filter((line) => line.author === author)
  }

  /** Returns whether the line is new. */
  add(line: Line): boolean {
    const id = idOf(line)
    if (this.#lines.has(id)) return false
    this.#lines.set(id, line)
    const earlier = this.by(line.author)
    if (earlier.length > MAX_LINES_PER_AUTHOR && earlier[0]) this.#lines.delete(idOf(earlier[0]))
    const [oldest] = this.#lines.keys()
    if (this.#lines.size > MAX_LINES && oldest !== undefined) this.#lines.delete(oldest)
    return this.#lines.has(id)
  }
}

function idOf({ author, id }: Line): string {
  return `${author} ${id}`
}
