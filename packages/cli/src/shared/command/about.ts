import type { Command } from 'commander'

/** Longer lines are hard to read. */
const MAX_COLUMNS = 100
/** Where the width is not known. */
const DEFAULT_COLUMNS = 80

/** How wide the help of a command is shown. */
export function helpColumns(command: Command, isError: boolean): number {
  const { getErrHelpWidth, getOutHelpWidth } = command.configureOutput()
  return command.configureHelp().helpWidth ?? (isError ? getErrHelpWidth?.() : getOutHelpWidth?.()) ?? DEFAULT_COLUMNS
}

/**
 * Adds an explanation to the help of a command, wrapped to the terminal. Lines that follow each other are one paragraph if they
 * are indented alike; a line that begins with "- " is an item of a list.
 */
export function addAbout(command: Command, text: string): Command {
  return command.addHelpText('after', ({ command: shown, error }) => {
    return wrapText(text, Math.min(helpColumns(shown, error), MAX_COLUMNS))
  })
}

/** The text with lines of at most this many columns, unless a word is longer. */
export function wrapText(text: string, columns: number): string {
  return paragraphs(text)
    .map(({ hanging, indent, words }) => wrapWords(words, columns, indent, hanging))
    .join('\n')
}

interface Paragraph {
  readonly words: string[]
  /** What the first line begins with. */
  readonly indent: string
  /** What the others begin with. */
  readonly hanging: string
}

function paragraphs(text: string): Paragraph[] {
  const found: Paragraph[] = []
  for (const line of text.split('\n')) {
    const indent = /^ */.exec(line)?.[0] ?? ''
    const words = wordsOf(line)
    const last = found.at(-1)
    if (
      last !== undefined &&
      last.words.length > 0 &&
      words.length > 0 &&
      last.hanging === indent &&
      words[0] !== '-'
    ) {
      last.words.push(...words)
    } else found.push({ words, indent, hanging: words[0] === '-' ? `${indent}  ` : indent })
  }
  return found
}

/** A number stays on the line of what follows it. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const word of line.split(' ').filter((part) => part !== '')) {
    const last = words.at(-1)
    if (last !== undefined && /(^| )\d([\d.,]*\d)?$/.test(last)) words[words.length - 1] = `${last} ${word}`
    else words.push(word)
  }
  return words
}

function wrapWords(words: readonly string[], columns: number, indent: string, hanging: string): string {
  const lines: string[] = []
  let line = indent
  let isEmpty = true
  for (const word of words) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = hanging
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, isEmpty ? '' : line].join('\n')
}
