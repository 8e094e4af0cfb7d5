import type { Clock } from '@swarmway/proxy-protocol'
import { CliError } from '../../shared/cli-error.js'
import { EXIT } from '../../shared/exit-codes.js'
import { FileWatch, readAll } from './file-watch.js'
import type { Logger } from './log.js'

/** Files that are used as a whole, and again whenever they change. */
export interface WatchedFiles<T> {
  /** What they are to people: "certificate". */
  readonly what: string
  readonly files: readonly string[]
  /** The first use. @throws Error */
  use(contents: Buffer[]): T
  /** Uses what has changed. If it throws, what was stays. */
  change(used: T, contents: Buffer[]): void
}

/** What a watch works with. */
export interface WatchTools {
  readonly log: Logger
  /** When files are looked at, and how long closing waits; default the platform's. */
  readonly clock?: Clock | undefined
}

/** Uses files now, and again when they change. @throws CliError when they cannot be used to begin with */
export async function useFiles<T>(
  watched: WatchedFiles<T>,
  { clock, log }: WatchTools
): Promise<{ used: T; watch: FileWatch }> {
  const { change, files, use, what } = watched
  const contents = await readFirst(watched)
  const used = attempt(() => use(contents), watched)
  const listener = {
    onChange: (changed: Buffer[]) => {
      change(used, changed)
      log.info({ files }, `${what} read again`)
    },
    onError: ({ message }: Error) => log.error({ files, reason: message }, `new ${what} not used, the old one stays`)
  }
  return { used, watch: new FileWatch(files, contents, listener, clock) }
}

async function readFirst({ files, what }: WatchedFiles<unknown>): Promise<Buffer[]> {
  try {
    return await readAll(files)
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException
    throw new CliError(`The ${what} cannot be read: ${path} (${code}).`, { exitCode: EXIT.unusable, cause })
  }
}

function attempt<T>(use: () => T, { files, what }: WatchedFiles<T>): T {
  try {
    return use()
  } catch (cause) {
    const { message } = cause as Error
    const sentence = `The ${what} in ${files.join(' and ')} cannot be used: ${message}.`
    throw new CliError(sentence, { exitCode: EXIT.unusable, cause })
  }
}
