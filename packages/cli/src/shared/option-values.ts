import { InvalidArgumentError } from 'commander'

/** Reads a number above 0, as an option's value. */
export function positiveNumber(text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number
  throw new InvalidArgumentError('Give a number above 0.')
}
