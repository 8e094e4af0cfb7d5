import type { Command } from 'commander'
import { helpColumns, wrapText } from './about.js'

type Example = readonly [typed: string, meaning: string]

/** Adds examples to the end of a command's help: each a command line and its purpose. */
export function addExamples(command: Command, examples: readonly Example[]): void {
  command.addHelpText('after', ({ command: shown, error }) => {
    return `\nExamples:\n${exampleLines(examples, helpColumns(shown, error)).join('\n')}`
  })
}

/** The purposes in a column of their own, or on lines of their own if that is too wide. */
function exampleLines(examples: readonly Example[], columns: number): string[] {
  const width = Math.max(...examples.map(([typed]) => typed.length))
  const lines = examples.map(([typed, meaning]) => `  $ ${typed.padEnd(width)}  ${meaning}`)
  if (lines.every((line) => line.length <= columns)) return lines
  return examples.flatMap(([typed, meaning]) => [`  $ ${typed}`, wrapText(`      ${meaning}`, columns)])
}
