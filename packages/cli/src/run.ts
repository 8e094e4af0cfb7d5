import { programFor } from './one-command.js'
import { asksForJson, reportAsJson } from './shared/command/json.js'
import { EXIT, type ExitCode } from './shared/errors/exit-codes.js'
import { type ErrorOutput, reportError } from './shared/errors/report-error.js'

/** Runs one command line (without node and the script). Resolves to its exit code; never rejects. */
export async function run(
  args: readonly string[],
  stderr: ErrorOutput = process.stderr,
  stdout: Pick<ErrorOutput, 'write'> = process.stdout
): Promise<ExitCode> {
  try {
    const program = await programFor(args)
    await program.parseAsync(args, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    if (asksForJson(args)) reportAsJson(error, stdout)
    return reportError(error, stderr)
  }
}
