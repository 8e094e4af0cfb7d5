import { PassThrough } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { TerminalScreen } from '../../src/chat/terminal-screen.js'

const COLUMNS = 10

/** What a user would see: a terminal with the few features that readline needs. */
class FakeTerminal extends PassThrough {
  columns = COLUMNS
  readonly isTTY = true
  rows: string[] = ['']
  #row = 0
  #column = 0

  override write(text: string | Uint8Array): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told what to do with ESC
    for (const [part] of String(text).matchAll(/\u001b\[\d*[A-Z]|[^\u001b]/gu)) this.#take(part)
    return true
  }

  #take(part: string): void {
    const count = Number(/\d+/.exec(part)?.[0] ?? 1)
    if (part === '\n') this.#down()
    else if (part === '\r') this.#column = 0
    else if (part.length === 1) this.#put(part)
    else if (part.endsWith('A')) this.#row = Math.max(0, this.#row - count)
    else if (part.endsWith('G')) this.#column = count - 1
    else if (part.endsWith('J')) {
      this.rows.length = this.#row + 1
      this.rows[this.#row] = (this.rows[this.#row] ?? '').slice(0, this.#column)
    }
  }

  #put(letter: string): void {
    if (this.#column === this.columns) {
      this.#down()
      this.#column = 0
    }
    const row = (this.rows[this.#row] ?? '').padEnd(this.#column)
    this.rows[this.#row] = row.slice(0, this.#column) + letter + row.slice(this.#column + 1)
    this.#column++
  }

  #down(): void {
    this.#row++
    this.rows[this.#row] ??= ''
    this.#column = 0
  }

  /** Wraps the last `rows` rows, one line, again, as most terminals do. */
  widen(columns: number, rows: number): void {
    const line = this.rows.splice(-rows).join('')
    this.columns = columns
    this.rows.push(line)
    this.#row = this.rows.length - 1
    this.#column = line.length
    this.emit('resize')
  }

  get text(): string {
    return this.rows
      .map((row) => row.trimEnd())
      .join('\n')
      .trimEnd()
  }
}

function openScreen() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
  const terminal = new FakeTerminal()
  const lines: string[] = []
  let left = 0
  const screen = new TerminalScreen(input as unknown as ReadStream, terminal as unknown as WriteStream, 'me: ', {
    onLine: (line) => lines.push(line),
    onLeave: () => left++
  })
  onTestFinished(() => screen.close())
  return { input, terminal, lines, screen, left: () => left }
}

test('a line appears above the one being typed, which stays whole', async () => {
  const { input, lines, screen, terminal } = openScreen()
  input.write('abc')
  await until('the typed letters', () => terminal.text.includes('abc'))
  screen.print('hello')
  expect(terminal.text).toBe('hello\nme: abc')
  input.write('d\r')
  await until('the line', () => lines.length === 1)
  expect(lines).toEqual(['abcd'])
})

test('also when the input takes several rows', async () => {
  // Typing past the edge of a row gave readline a wrong position, and left an empty row between the lines.
  const { input, screen, terminal } = openScreen()
  for (const letter of 'abcdefghijkl') input.write(letter)
  await until('the typed letters', () => terminal.text.endsWith('l'))
  screen.print('one')
  screen.print('two')
  expect(terminal.text).toBe('one\ntwo\nme: abcdef\nghijkl')
})

test('a wider terminal keeps the message above an input that takes fewer rows now', async () => {
  // Readline redrew from as many rows above as the input had taken, and so erased the message.
  const { input, screen, terminal } = openScreen()
  screen.print('hello')
  for (const letter of 'abcdefghijkl') input.write(letter)
  await until('the typed letters', () => terminal.text.endsWith('l'))
  expect(terminal.text).toBe('hello\nme: abcdef\nghijkl')
  terminal.widen(40, 2)
  expect(terminal.text).toBe('hello\nme: abcdefghijkl')
})

test('closing clears the input; Ctrl-C and Ctrl-D leave', async () => {
  const { input, left, screen, terminal } = openScreen()
  input.write('abc')
  await until('the typed letters', () => terminal.text.includes('abc'))
  input.write('\u0003')
  await until('Ctrl-C', () => left() === 1)
  screen.print('bye')
  screen.close()
  expect(terminal.text).toBe('bye')
  screen.print('nothing any more')
  expect(terminal.text).toBe('bye')
  const second = openScreen()
  second.input.write('\u0004')
  await until('Ctrl-D', () => second.left() === 1)
})
