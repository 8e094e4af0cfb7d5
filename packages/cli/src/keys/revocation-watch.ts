import type { SwarmCore } from '@swarmway/swarm'
import type { Status } from '../shared/terminal/status.js'
import type { OwnGroup } from './identity.js'
import { MemberFiles } from './member-files.js'

/** How often the names of the members' files are read. */
const LOOK_EVERY_MS = 1000

/** Tells a swarm of a group whose keys are revoked: at once, and within a second of each `swarmway revoke`. */
export class RevocationWatch {
  readonly #files: MemberFiles
  readonly #group: OwnGroup
  readonly #swarm: SwarmCore
  readonly #status: Status
  readonly #timer: NodeJS.Timeout
  /** Each list names everyone, and its number is greater than that of the one before. */
  #listNumber = 0
  #told = ''
  #problem = ''

  constructor(group: OwnGroup, swarm: SwarmCore, status: Status) {
    this.#group = group
    this.#swarm = swarm
    this.#status = status
    this.#files = new MemberFiles(group.folder)
    this.#tell()
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    try {
      this.#tell()
      this.#problem = ''
    } catch (error) {
      this.#sayOnce(error instanceof Error ? error.message : String(error))
    }
  }

  #tell(): void {
    const keys = this.#files.revoked()
    const told = keys
      .map((key) => Buffer.from(key).toString('hex'))
      .sort()
      .join()
    if (told === this.#told) return
    this.#swarm.revoke(this.#group.group.revoke(keys, ++this.#listNumber))
    this.#told = told
  }

  #sayOnce(problem: string): void {
    if (problem === this.#problem) return
    this.#problem = problem
    this.#status.say(`${problem} Until then, keys that are revoked now stay members.`)
  }
}
