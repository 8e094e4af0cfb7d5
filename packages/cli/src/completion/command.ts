import { Argument, Command } from 'commander'
import { addExamples } from '../shared/command/examples.js'
import { bashCompletion } from './bash.js'
import { fishCompletion } from './fish.js'
import { wordsOf } from './words.js'
import { zshCompletion } from './zsh.js'

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** `swarmway completion`. */
export function completionCommand(): Command {
  const shells = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[]
  const command = new Command('completion')
    .description('print a script that completes commands and options in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .action((shell: keyof typeof SCRIPTS) => {
      process.stdout.write(SCRIPTS[shell](wordsOf(command.parent ?? command)))
    })
  addExamples(command, [
    ['eval "$(swarmway completion bash)"', 'in ~/.bashrc'],
    ['source <(swarmway completion zsh)', 'in ~/.zshrc, after compinit'],
    ['swarmway completion fish > ~/.config/fish/completions/swarmway.fish', 'once']
  ])
  return command
}
