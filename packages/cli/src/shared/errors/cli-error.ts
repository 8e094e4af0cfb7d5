import { EXIT, type ExitCode } from './exit-codes.js'

/** Optional parts of a {@link CliError}. */
export interface CliErrorOptions {
  /** What to do next: one sentence. */
  hint?: string | undefined
  /** Default: `EXIT.unexpected`. */
  exitCode?: ExitCode | undefined
  /** The underlying error; shown with SWARMWAY_DEBUG=1 only. */
  cause?: unknown
  /** More about it, for programs. */
  details?: object | undefined
  /** Whether the command's own JSON says all of it already. Default: false. */
  isInJson?: boolean | undefined
}

/** Ends a command: one sentence for the user, a hint on what to do next, and the exit code. */
export class CliError extends Error {
  readonly hint: string | undefined
  readonly exitCode: ExitCode
  readonly details: object
  readonly isInJson: boolean

  /** `message` is a complete sentence with its full stop. */
  constructor(message: string, options: CliErrorOptions = {}) {
    const { hint, exitCode = EXIT.unexpected, cause, details = {}, isInJson = false } = options
    super(message, { cause })
    this.name = 'CliError'
    this.hint = hint
    this.exitCode = exitCode
    this.details = details
    this.isInJson = isInJson
  }
}

/** The user's request makes no sense (`EXIT.usage`). */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { hint, exitCode: EXIT.usage })
}
