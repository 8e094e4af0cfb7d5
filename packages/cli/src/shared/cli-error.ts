import { EXIT, type ExitCode } from './exit-codes.js'

/** What a {@link CliError} may have beside its sentence. */
export interface CliErrorOptions {
  /** What to do next: one sentence. */
  hint?: string | undefined
  /** Default: `EXIT.unexpected`. */
  exitCode?: ExitCode | undefined
  /** What went wrong below; shown with SWARMWAY_DEBUG=1 only. */
  cause?: unknown
}

/** Ends a command: one sentence for the person, a hint what to do next, and the exit code. */
export class CliError extends Error {
  readonly hint: string | undefined
  readonly exitCode: ExitCode

  /** `message` is one whole sentence, with its full stop. */
  constructor(message: string, { hint, exitCode = EXIT.unexpected, cause }: CliErrorOptions = {}) {
    super(message, { cause })
    this.name = 'CliError'
    this.hint = hint
    this.exitCode = exitCode
  }
}

/** The person asked for something that makes no sense (`EXIT.usage`). */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { hint, exitCode: EXIT.usage })
}
