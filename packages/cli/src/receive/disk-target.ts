import { createHash } from 'node:crypto'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { asWriteError } from '../shared/errors/write-error.js'
import { shownKey } from '../shared/files/file-texts.js'
import { lookAt } from '../shared/files/obstacle.js'
import { IncomingFile, readPresent } from './incoming-file.js'
import type { Attempt, Target, TargetFile } from './incoming-transfer.js'
import type { PlannedFile } from './plan.js'

/** A file that is to be written below a folder, a real path. Its errors are `CliError`s. */
export class DiskTarget implements Target {
  readonly planned: PlannedFile
  readonly #folder: string

  constructor(planned: PlannedFile, folder: string) {
    this.planned = planned
    this.#folder = folder
  }

  get index(): number {
    return this.planned.index
  }

  get offered() {
    return this.planned.offered
  }

  async begin(): Promise<Attempt> {
    const { hash, offset } = await onDisk(readPresent(this.planned))
    return {
      offset,
      sha256: offset === 0 ? '' : hash.copy().digest('hex'),
      open: (isResumed) => this.#open(isResumed ? offset : 0, isResumed ? hash : createHash('sha256'))
    }
  }

  async #open(...from: [offset: number, hash: ReturnType<typeof createHash>]): Promise<TargetFile> {
    const file = await onDisk(IncomingFile.open(this.planned, ...from))
    return {
      hasRoom: (bytes) => file.hasRoom(bytes),
      write: (chunk) => onDisk(file.write(chunk)),
      finish: (sha256) => onDisk(file.finish(sha256, () => this.#assertFree())),
      drop: () => onDisk(file.drop()),
      close: () => file.close()
    }
  }

  /** Looks again: hours may have passed. */
  #assertFree(): void {
    const { offered, replaces } = this.planned
    const { file, obstacle } = lookAt(this.#folder, offered.key)
    if (obstacle === null && (file === null || replaces)) return
    const reason = obstacle ?? 'a file of this name was made here meanwhile'
    const hint = 'Run the command again: it resumes where it stopped.'
    throw new CliError(`${shownKey(offered.key)} could not be written: ${reason}.`, { hint, exitCode: EXIT.unusable })
  }
}

async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw asWriteError(error)
  }
}
