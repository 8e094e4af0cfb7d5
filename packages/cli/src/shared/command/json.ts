import { CommanderError } from 'commander'
import { EXIT } from '../errors/exit-codes.js'
import { asCliError, isPrinted } from '../errors/report-error.js'
import { cleanText } from '../terminal/clean-text.js'

/** What a terminal would obey, or what would end a line, and JSON leaves as it is. */
const RAW = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]/gu

/** Whether a command line asks for JSON. */
export function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end === -1 ? args.length : end).includes('--json')
}

/** A value as a line of JSON. A stranger's names stay what they are, and do nothing to a terminal. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(
    RAW,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
  return `${text}\n`
}

/** Prints a value on standard output: alone, or as a line of JSON under its name. */
export function printOne(name: string, value: string, isJson = false): void {
  process.stdout.write(isJson ? jsonLine({ [name]: value }) : `${value}\n`)
}

/** Prints the error that ended a command as a line of JSON, unless the command's own JSON says it. */
export function reportAsJson(error: unknown, output: { write(text: string): unknown }): void {
  if (error instanceof CommanderError && isPrinted(error)) return
  const { details, exitCode, hint, isInJson, message } = asCliError(error)
  if (isInJson) return
  const [code] = Object.entries(EXIT).find(([, one]) => one === exitCode) ?? []
  const texts = { message: cleanText(message), hint: hint === undefined ? undefined : cleanText(hint) }
  output.write(jsonLine({ error: { code, exitCode, ...texts, ...details } }))
}
