import { InvalidArgumentError } from 'commander'
import { usageError } from '../errors/cli-error.js'

/** Reads a number above 0, as an option's value. */
export function positiveNumber(text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number
  throw new InvalidArgumentError('Give a number above 0.')
}

/** Reads the path of a folder. An empty one, such as from a variable that is not set, would be the current folder. */
export function folderPath(text: string): string {
  if (text === '') throw usageError('The path is empty.', 'Name a folder.')
  return text
}
