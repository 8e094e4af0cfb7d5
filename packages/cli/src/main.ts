#!/usr/bin/env node
import { run } from './run.js'
import { endQuietlyOnBrokenPipe } from './shared/broken-pipe.js'
import { reportError } from './shared/report-error.js'

endQuietlyOnBrokenPipe(process.stdout)
endQuietlyOnBrokenPipe(process.stderr)
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => process.exit(reportError(error, process.stderr)))
}

// Sets the exit code instead of calling exit: if the output is a pipe, written data may still be on its way.
process.exitCode = await run(process.argv.slice(2))
