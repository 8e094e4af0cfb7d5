#!/usr/bin/env node
import { run } from './run.js'
import { CliError } from './shared/errors/cli-error.js'
import { EXIT } from './shared/errors/exit-codes.js'
import { reportError } from './shared/errors/report-error.js'

endQuietlyOnBrokenPipe()
// Nobody reads the remarks; the work continues.
process.stderr.on('error', () => {})
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => process.exit(reportError(error, process.stderr)))
}

// Sets the exit code instead of calling exit: if the output is a pipe, written data may still be on its way.
process.exitCode = await run(process.argv.slice(2))

/**
 * `swarmway ... | head` closes our output early. That is not an error: the reader has seen enough, so the process
 * ends quietly, as other programs do on SIGPIPE.
 */
function endQuietlyOnBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw new CliError(`The output could not be written: ${error.message}.`, { exitCode: EXIT.unusable, cause: error })
  })
}
