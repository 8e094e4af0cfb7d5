import type { Command } from 'commander'

/** An option of a command, as completion needs it. */
export interface OptionWords {
  /** The ways to write it, such as `-q` and `--quiet`. */
  readonly flags: readonly string[]
  readonly description: string
  /** Whether a value follows. */
  readonly hasValue: boolean
  /** The values, if they are few. */
  readonly choices: readonly string[]
}

/** A command, as completion needs it. */
export interface CommandWords {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionWords[]
  /** The values of its first argument, if they are few. */
  readonly choices: readonly string[]
  readonly subcommands: readonly CommandWords[]
}

/** The words of a command line, read from the commands themselves. */
export function wordsOf(command: Command): CommandWords {
  const help = command.createHelp()
  const options = help.visibleOptions(command).map((option) => ({
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    description: option.description,
    hasValue: option.required || option.optional,
    choices: option.argChoices ?? choicesIn(option.flags)
  }))
  const subcommands = help.visibleCommands(command).map(wordsOf)
  const names = subcommands.map(({ name }) => name)
  return {
    name: command.name(),
    description: command.description(),
    options,
    choices: command.registeredArguments[0]?.argChoices ?? [],
    // Commander's own command takes the names of the others, and does not say so.
    subcommands: subcommands.map((one) => (one.name === 'help' ? { ...one, choices: names } : one))
  }
}

/** A placeholder such as <error|warn|info> lists the values; <port|off> does not. */
function choicesIn(flags: string): readonly string[] {
  return /<(\w+(?:\|\w+){2,})>/.exec(flags)?.[1]?.split('|') ?? []
}

/** All ways to write the options of a command. */
export function flagsOf({ options }: CommandWords): string[] {
  return options.flatMap(({ flags }) => flags)
}
