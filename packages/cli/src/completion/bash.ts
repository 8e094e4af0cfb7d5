import { type CommandWords, flagsOf } from './words.js'

/** The completion of a command line for bash: commands, options, and values where there are few; else files. */
export function bashCompletion(root: CommandWords): string {
  const names = root.subcommands.map(({ name }) => name).join(' ')
  return `# bash completion for ${root.name}; in ~/.bashrc: eval "$(${root.name} completion bash)"
_${root.name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} ${flagsOf(root).join(' ')}" -- "$word"))
    return
  fi
  case "$command $before" in
${root.subcommands.flatMap(choiceCases).join('\n')}
  esac
  if [ -z "$words" ] && [[ "$word" == -* ]]; then
    case "$command" in
${root.subcommands.map((one) => `      ${one.name}) words="${flagsOf(one).join(' ')}" ;;`).join('\n')}
    esac
  fi
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$word")); fi
}
complete -o default -F _${root.name} ${root.name}
`
}

function choiceCases({ choices: first, name, options, subcommands }: CommandWords): string[] {
  const own = options
    .filter(({ choices }) => choices.length > 0)
    .map(
      ({ choices, flags }) =>
        `    ${flags.map((flag) => `"${name} ${flag}"`).join('|')}) words="${choices.join(' ')}" ;;`
    )
  const words = [...subcommands.map((one) => one.name), ...first]
  return words.length === 0 ? own : [...own, `    "${name} ${name}") words="${words.join(' ')}" ;;`]
}
