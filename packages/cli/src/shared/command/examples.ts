import type { Command } from 'commander'

/** Adds examples to the end of a command's help: each a command line and its purpose. */
export function addExamples(command: Command, examples: readonly (readonly [typed: string, meaning: string])[]): void {
  const width = Math.max(...examples.map(([typed]) => typed.length))
  const lines = examples.map(([typed, meaning]) => `  $ ${typed.padEnd(width)}  ${meaning}`)
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
}
