/** Checks a `swarmway` command with the program's own parser, without running it. */
import { program } from '../../../packages/cli/src/program.ts'

type Command = ReturnType<typeof program>

/** Returns the error that `swarmway <args>` would print, or null. */
export function faultOfSwarmway(args: readonly string[]): string | null {
  const root = program()
  for (const command of allOf(root)) {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    if (command.commands.length === 0) command.action(() => {})
  }
  try {
    root.parse([...args], { from: 'user' })
    return null
  } catch (error) {
    // Requests for help also end the parser.
    const isFine = error instanceof Error && 'exitCode' in error && error.exitCode === 0
    return isFine ? null : String(error instanceof Error ? error.message : error)
  }
}

/** Whether some command has this option. */
export function isOption(name: string): boolean {
  return name === '--help' || allOf(program()).some(({ options }) => options.some(({ long }) => long === name))
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)]
}
