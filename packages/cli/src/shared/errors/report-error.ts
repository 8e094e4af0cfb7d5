import { existsSync } from 'node:fs'
import { CommanderError } from 'commander'
import { cleanLines, cleanText } from '../terminal/clean-text.js'
import { colorsFor, type MaybeTerminal } from '../terminal/colors.js'
import { CliError, usageError } from './cli-error.js'
import { EXIT, type ExitCode } from './exit-codes.js'

/** Where errors are shown. */
export interface ErrorOutput extends MaybeTerminal {
  write(text: string): unknown
}

/** Shows the error that ended a command as one sentence and a hint. Returns the exit code. */
export function reportError(error: unknown, output: ErrorOutput, env: NodeJS.ProcessEnv = process.env): ExitCode {
  // Requested help and version have already been printed. Help that was not requested comes with a bad command.
  if (error instanceof CommanderError && isPrinted(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  const known = asCliError(error)
  const colors = colorsFor(output, env)
  output.write(`${colors.red('error:')} ${cleanText(known.message)}\n`)
  if (known.hint !== undefined) output.write(`${colors.dim('hint:')}  ${cleanText(known.hint)}\n`)
  if (env['SWARMWAY_DEBUG']) output.write(`${cleanLines(describe(error))}\n`)
  return known.exitCode
}

/** Whether commander has shown it: help that was asked for, for example. */
export function isPrinted({ code }: CommanderError): boolean {
  return code === 'commander.helpDisplayed' || code === 'commander.help' || code === 'commander.version'
}

/** An error as it is shown to the user. */
export function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error
  if (error instanceof CommanderError) return fromCommander(error)
  const message = error instanceof Error ? error.message : String(error)
  return new CliError(`Something unexpected happened: ${message}`, { hint: 'SWARMWAY_DEBUG=1 shows where.' })
}

/** Commander says "error: unknown option '--prot'\n(Did you mean --port?)". */
function fromCommander({ code, message }: CommanderError): CliError {
  const [said = '', suggestion] = message.split('\n')
  const sentence = plain(said.replace(/^error: /, '')).replace(/\.?$/, '.')
  const hint =
    suggestion?.replace(/^\((.*)\)$/, '$1') ?? fileHint(code, said) ?? 'Run it with --help to see what is possible.'
  return usageError(sentence.charAt(0).toUpperCase() + sentence.slice(1), hint)
}

/** Commander's words for a missing value and a wrong choice, as users say them. */
function plain(said: string): string {
  return said
    .replace(/^option '(?:-\w, )?(--[\w-]+) .*' argument missing$/, '$1 needs a value')
    .replace(/^command-argument value '(.*)' is invalid for argument '(.*)'/, "'$1' is not supported")
    .replace(/Allowed choices are/, 'Choose one of')
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by: ${describe(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}

/** A file whose name begins with a dash looks like an option. */
function fileHint(code: string, said: string): string | undefined {
  const name = code === 'commander.unknownOption' ? /'(-.*)'/.exec(said)?.[1] : undefined
  return name !== undefined && existsSync(name) ? `If you mean the file of this name, write ./${name}` : undefined
}
