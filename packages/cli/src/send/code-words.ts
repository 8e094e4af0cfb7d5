import { wordlist } from '@scure/bip39/wordlists/english.js'
import { didYouMean } from '../shared/command/near-names.js'
import { usageError } from '../shared/errors/cli-error.js'
import { withoutInvisible } from '../shared/terminal/invisible.js'

/** Five of 2048 words are 55 bits: with scrypt before each guess, out of reach while a code is in use. */
export const WORD_COUNT = 5
/** No two words of the list begin with the same four letters. */
const UNIQUE_LETTERS = 4

/** Keeps the places of codes apart from those of names. */
export const CODE_PURPOSE = 'send'

/** A code as the sender shows it, in whatever was pasted. */
const WRITTEN_CODE = new RegExp(`(?<![\\w-])[a-z]+(?:-[a-z]+){${WORD_COUNT - 1}}(?![\\w-])`)

/**
 * Reads a code as people type it: in capitals, with spaces, words cut after their fourth letter; or paste it: the link to a
 * page, or the whole command that the sender shows.
 * Throws a usage error that names the word that is not in the list.
 */
export function parseCode(text: string): string {
  const seen = withoutInvisible(text)
  const typed = seen.slice(seen.indexOf('#') + 1).toLowerCase()
  const words = (WRITTEN_CODE.exec(typed)?.[0] ?? typed).split(/[^a-z]+/).filter((word) => word !== '')
  if (words.length !== WORD_COUNT) {
    const count = words.length === 1 ? '1 word' : `${words.length} words`
    const hint = `"swarmway send" shows it, such as ${wordlist.slice(0, WORD_COUNT).join('-')}.`
    throw usageError(`A code is ${WORD_COUNT} words, and this is ${count}.`, hint)
  }
  return words.map(wholeWord).join('-')
}

function wholeWord(typed: string): string {
  const start = typed.slice(0, UNIQUE_LETTERS)
  const word = wordlist.find((one) => one === typed || (typed.length >= UNIQUE_LETTERS && one.startsWith(typed)))
  if (word !== undefined) return word
  const near = wordlist.filter((one) => one.startsWith(start))
  throw usageError(
    `"${typed}" is not a word of a code.`,
    didYouMean(typed, near.length > 0 ? near : wordlist, 'Check the code.')
  )
}
