import type { Clock } from '@swarmway/proxy-protocol'
import { CliError } from '../../shared/errors/cli-error.js'
import { EXIT } from '../../shared/errors/exit-codes.js'
import { FileWatch, readAll } from './file-watch.js'
import type { Logger } from './log.js'

/** Files that are used together, and reloaded whenever one changes. */
export interface WatchedFiles<T> {
  /** Their name in messages: "certificate". */
  readonly what: string
  readonly files: readonly string[]
  /** Uses the files for the first time. @throws Error */
  use(contents: Buffer[]): T
  /** Uses the changed files. If it throws, the old contents stay in use. */
  change(used: T, contents: Buffer[]): void
}

/** The tools of a watch. */
export interface WatchTools {
  readonly log: Logger
  /** When files are checked, and how long closing waits; default the platform's. */
  readonly clock?: Clock | undefined
}

/** Uses files now, and again when they change. @throws CliError if they cannot be used at first */
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
      log.info({ files }, `${what} reloaded`)
    },
    onError: ({ message }: Error) => log.error({ files, reason: message }, `new ${what} rejected, the old one stays`)
  }
  return { used, watch: new FileWatch(files, contents, listener, clock) }
}

async function readFirst({ files, what }: WatchedFiles<unknown>): Promise<Buffer[]> {
  try {
    return await readAll(files)
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException
    const hint = code === 'EACCES' ? 'Give the user of this process the right to read it.' : 'Check the path.'
    throw new CliError(`The ${what} cannot be read: ${path} (${code}).`, { hint, exitCode: EXIT.unusable, cause })
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
