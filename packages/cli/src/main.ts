#!/usr/bin/env node
import { run } from './run.js'
import { endQuietlyOnBrokenPipe } from './shared/broken-pipe.js'
import { reportError } from './shared/report-error.js'

endQuietlyOnBrokenPipe(process.stdout)
endQuietlyOnBrokenPipe(process.stderr)
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => process.exit(reportError(error, process.stderr)))
}

// Set, not exited with: what was written is still on its way when the output is a pipe.
process.exitCode = await run(process.argv.slice(2))
