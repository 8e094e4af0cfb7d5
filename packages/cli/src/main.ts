#!/usr/bin/env node
import { isatty } from 'node:tty'
import { run } from './run.js'
import { asksForJson, reportAsJson } from './shared/command/json.js'
import { CliError } from './shared/errors/cli-error.js'
import { EXIT } from './shared/errors/exit-codes.js'
import { reportError } from './shared/errors/report-error.js'

const args = process.argv.slice(2)
endBySignalOnceHungUp()
endQuietlyOnBrokenPipe()
// Nobody reads the remarks; the work continues.
process.stderr.on('error', () => {})
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    if (asksForJson(args)) reportAsJson(error, process.stdout)
    process.exit(reportError(error, process.stderr))
  })
}

// Sets the exit code instead of calling exit: if the output is a pipe, written data may still be on its way.
process.exitCode = await run(args)

/**
 * `swarmway ... | head` closes our output early. That is not an error: the reader has seen enough, so the process
 * ends quietly, as other programs do on SIGPIPE.
 */
function endQuietlyOnBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    // The terminal is closed.
    if (error.code === 'EIO') process.exit(EXIT.hungUp)
    throw new CliError(`The output could not be written: ${error.message}.`, { exitCode: EXIT.unusable, cause: error })
  })
}

/**
 * Node aborts, and leaves a core dump, if it ends in the usual way after its terminal was closed: it cannot set the mode of
 * that terminal. So it ends by the signal that tells programs of it.
 */
function endBySignalOnceHungUp(): void {
  const terminals = [0, 1, 2].filter((fd) => isatty(fd))
  process.on('exit', () => {
    if (terminals.every((fd) => isatty(fd))) return
    process.removeAllListeners('SIGHUP')
    process.kill(process.pid, 'SIGHUP')
  })
}
