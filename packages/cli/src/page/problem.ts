import { TransferError, type TransferErrorCode } from '../receive/transfer-error.js'
import type { Failure } from '../send/wire.js'
import { CliError } from '../shared/errors/cli-error.js'
import { formatBytes } from '../shared/terminal/format.js'

/** What went wrong, and what to do: a sentence each. */
export interface Problem {
  readonly message: string
  readonly hint: string
}

/** Ends a reception with a problem. */
export class ProblemError extends Error {
  readonly problem: Problem
  /** What the sender is told. */
  readonly failure: Failure

  constructor(problem: Problem, failure: Failure = 'failed') {
    super(problem.message)
    this.problem = problem
    this.failure = failure
  }
}

const COMMAND_LINE = 'or use "swarmway receive" on a computer, which needs no such room.'

const REMEDIES: Readonly<Record<TransferErrorCode, string>> = {
  INVALID_MESSAGE: 'The sender may have another version of swarmway. Reload this page, and ask the sender to update.',
  DAMAGED: 'Try again. The rest is still here.',
  TAKEN: 'If that was not you, tell the sender. Ask for a new code.'
}

export const PROBLEMS = {
  otherTab: {
    message: 'This code is open in another tab of this browser.',
    hint: 'Go to that tab, or close it and try again.'
  },
  declined: { message: 'You declined. Nothing was kept.', hint: 'The code is still good if you change your mind.' },
  nothing: {
    message: 'None of these files can be received here.',
    hint: 'Ask the sender to rename the files, or use "swarmway receive".'
  },
  changed: {
    message: 'The sender changed or removed the files meanwhile, so none has arrived.',
    hint: 'Ask the sender to send them again.'
  }
} as const satisfies Record<string, Problem>

/** There is too little room for what is offered. */
export function noRoom(neededBytes: number, roomBytes: number): Problem {
  return {
    message: `The browser has room for ${formatBytes(Math.max(0, roomBytes))} here, and ${formatBytes(neededBytes)} are needed.`,
    hint: `Save and delete what came with other codes, free some space on this device, ${COMMAND_LINE}`
  }
}

/** The browser keeps it in memory, and it is too much for that. */
export function tooLargeForMemory(neededBytes: number, limitBytes: number): Problem {
  return {
    message: `This browser can only keep files in memory, up to ${formatBytes(limitBytes)}, and ${formatBytes(neededBytes)} are offered.`,
    hint: 'Open the link in another browser, not in a private window and by https, or use "swarmway receive".'
  }
}

/** What ended a reception. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof CliError) return { message: error.message, hint: error.hint ?? '' }
  if (error instanceof TransferError) return { message: error.message, hint: REMEDIES[error.code] }
  if (isQuotaError(error)) {
    return {
      message: 'The browser has no room left.',
      hint: `Free some space and try again: it resumes; ${COMMAND_LINE}`
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { message: `Something unexpected happened: ${message}`, hint: 'Reload the page: what has arrived is kept.' }
}

/** What the sender is told about what ended a reception. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ProblemError) return error.failure
  return isQuotaError(error) ? 'noRoom' : 'failed'
}

function isQuotaError(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError'
}
