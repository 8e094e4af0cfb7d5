import { EXIT, type ExitCode } from './exit-codes.js'

/** Optional parts of a {@link CliError}. */
export interface CliErrorOptions {
  /** What to do next: one sentence. */
  hint?: string | undefined
  /** Default: `EXIT.unexpected`. */
  exitCode?: ExitCode | undefined
  /** The underlying error; shown with SWARMWAY_DEBUG=1 only. */
  cause?: unknown
}

/** Ends a command: one sentence for the user, a hint on what to do next, and the exit code. */
export class CliError extends Error {
  readonly hint: string | undefined
  readonly exitCode: ExitCode

  /** `message` is a complete sentence with its full stop. */
  constructor(message: string, { hint, exitCode = EXIT.unexpected, cause }: CliErrorOptions = {}) {
    super(message, { cause })
    this.name = 'CliError'
    this.hint = hint
    this.exitCode = exitCode
  }
}

/** The user's request makes no sense (`EXIT.usage`). */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { hint, exitCode: EXIT.usage })
}
