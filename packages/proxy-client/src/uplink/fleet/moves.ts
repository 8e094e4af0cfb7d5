import { type Link, ProxyError } from '@swarmway/proxy-protocol'
import type { Connect } from '../../options.js'
import type { Opened } from '../links/opener.js'
import type { ResumableSession } from '../session/current-session.js'
import type { Greetings } from '../session/greetings.js'

/** What {@link Moves} needs of the uplink. */
export interface MovesHost {
  readonly greetings: Greetings
  open(connect: Connect): Promise<Opened>
  /** Whether nothing would be lost with the present session. */
  isIdle(): boolean
  /** The new session takes the place of the present one. */
  adopt(link: Link, fresh: ResumableSession): void
  onFailed(connect: Connect, error: unknown): void
}

/** Begins a session at another server before the present one is given up. */
export class Moves {
  readonly #host: MovesHost
  #link: Link | null = null
  /** Counts moves and stops: what belongs to an earlier one finds another number. */
  #number = 0

  constructor(host: MovesHost) {
    this.#host = host
  }

  /** With `isForced`, the present session is given up whatever it holds. */
  async begin(connect: Connect, isForced = false): Promise<void> {
    this.stop()
    const number = this.#number
    const isWanted = () => number === this.#number && (isForced || this.#host.isIdle())
    try {
      const opened = await this.#host.open(connect)
      if (isWanted()) await this.#greet(opened, isWanted)
      else opened.duplex.destroy()
    } catch (error) {
      if (number === this.#number) this.#host.onFailed(connect, error)
    }
  }

  /** Gives up the move that has begun, if there is one. */
  stop(): void {
    this.#number++
    this.#link?.destroy()
    this.#link = null
  }

  #greet(opened: Opened, isWanted: () => boolean): Promise<void> {
    const { greetings } = this.#host
    const link = greetings.createLink(opened.duplex)
    this.#link = link
    return greetings.begin(link, opened, null, (fresh) => {
      if (this.#link === link) this.#link = null
      if (isWanted()) this.#host.adopt(link, fresh)
      else link.close(new ProxyError('DESTROYED', 'the client stays at another server'))
    })
  }
}
