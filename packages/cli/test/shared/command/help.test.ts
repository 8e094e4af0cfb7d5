import { expect, test } from 'vitest'
import { program } from '../../../src/program.js'
import { wrapText } from '../../../src/shared/command/about.js'

/** The help of all commands on a terminal of this width. */
function helpLines(columns: number): string[] {
  const root = program()
  return [root, ...root.commands].flatMap((command) => {
    let text = ''
    command.configureOutput({
      writeOut: (part) => {
        text += part
      },
      getOutHelpWidth: () => columns,
      getOutHasColors: () => false
    })
    command.outputHelp()
    return text.split('\n')
  })
}

// Explanations had lines of 120 columns, descriptions of commands and the options of `proxy` even more.
test('help fits a terminal of 80 columns', () => {
  const tooLong = helpLines(80).filter((line) => line.length > 80)
  // A command line is never broken.
  expect(tooLong.filter((line) => !line.startsWith('  $ '))).toEqual([])
})

test('on a terminal of 40 columns, only what cannot be broken is longer', () => {
  const tooLong = helpLines(40).filter((line) => line.length > 40)
  const isWhole = (line: string) =>
    /^(Usage:| {2}\$ | {2}-[^ ]|.{0,6}[^ ]+$)/.test(line) || /^ {4}new ProxyClient/.test(line)
  expect(tooLong.filter((line) => !isWhole(line))).toEqual([])
})

test('prose stays readable on a terminal of 200 columns', () => {
  const prose = helpLines(200).filter((line) => /^[A-Z].*[a-z,.]$/.test(line))
  expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(100)
})

test('a number stays on the line of what it counts', () => {
  expect(wrapText('it takes 5 MB, or 0.5 % of it', 12)).toBe('it takes\n5 MB, or\n0.5 % of it')
})

// Of "129, 130, 143 stopped", two words were missing.
test.each([1, 12, 200])('every word is there, also between numbers (%i columns)', (columns) => {
  const text = '7 lost; 129, 130, 143 stopped by a signal, 1 2 3 four 5'
  expect(wrapText(text, columns).split(/\s+/)).toEqual(text.split(' '))
})

test('paragraphs, lists and indented text keep their shape', () => {
  const text = '\nOne two three\nfour.\n\n- an item that\n  goes on\n- another\n  \n    code stays here\n  more text'
  expect(wrapText(text, 12)).toBe(
    [
      '',
      'One two',
      'three four.',
      '',
      '- an item',
      '  that goes',
      '  on',
      '- another',
      '',
      '    code',
      '    stays',
      '    here',
      '  more text'
    ].join('\n')
  )
})
