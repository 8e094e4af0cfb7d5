import type { CommandWords, OptionWords } from './words.js'

/** The completion of a command line for zsh. */
export function zshCompletion(root: CommandWords): string {
  const commands = root.subcommands.map(
    ({ description, name }) => `    ${quote(`${withColons(name)}:${withColons(description)}`)}`
  )
  return `#compdef ${root.name}
# zsh completion for ${root.name}; in ~/.zshrc, after compinit: source <(${root.name} completion zsh)
_${root.name}() {
  local -a commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then
    if [[ "$PREFIX" == -* ]]; then
      _arguments ${root.options.flatMap(optionSpecs).join(' ')}
    else
      _describe command commands
    fi
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${root.subcommands.map(commandCase).join('\n')}
  esac
}
compdef _${root.name} ${root.name}
`
}

function commandCase({ choices, name, options, subcommands }: CommandWords): string {
  const words = [...subcommands.map((one) => one.name), ...choices]
  const first = words.length > 0 ? [quote(`1:value:(${words.join(' ')})`)] : []
  const specs = [...options.flatMap(optionSpecs), ...first, quote('*:file:_files')]
  return `    ${name})\n      _arguments ${specs.join(' ')} ;;`
}

function optionSpecs({ choices, description, flags, hasValue }: OptionWords): string[] {
  const values = choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value:_files'
  const text = description.replaceAll(/[[\]]/g, '').replaceAll(':', '\\:')
  return flags.map((flag) => quote(`*${flag}[${text}]${hasValue ? values : ''}`))
}

function withColons(text: string): string {
  return text.replaceAll(':', '\\:')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
