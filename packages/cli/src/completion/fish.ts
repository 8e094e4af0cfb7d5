import type { CommandWords, OptionWords } from './words.js'

/** The completion of a command line for fish. */
export function fishCompletion(root: CommandWords): string {
  const base = `complete -c ${root.name}`
  const atStart = `${base} -n __fish_use_subcommand`
  const commands = root.subcommands.map(({ description, name }) => `${atStart} -f -a ${name} -d ${quote(description)}`)
  const options = root.subcommands.flatMap((command) => {
    const within = `${base} -n ${quote(`__fish_seen_subcommand_from ${command.name}`)}`
    const nested = command.subcommands.map(
      ({ description, name }) => `${within} -f -a ${name} -d ${quote(description)}`
    )
    const values = command.choices.length > 0 ? [`${within} -f -a ${quote(command.choices.join(' '))}`] : []
    return [...nested, ...values, ...command.options.map((option) => `${within} ${optionWords(option)}`)]
  })
  const own = root.options.map((option) => `${atStart} ${optionWords(option)}`)
  const header = `# fish completion for ${root.name}; once: ${root.name} completion fish > ~/.config/fish/completions/${root.name}.fish`
  return `${[header, ...commands, ...own, ...options].join('\n')}\n`
}

function optionWords({ choices, description, flags, hasValue }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const values = choices.length > 0 ? [`-x -a ${quote(choices.join(' '))}`] : hasValue ? ['-r'] : []
  return [...names, ...values, `-d ${quote(description)}`].join(' ')
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
