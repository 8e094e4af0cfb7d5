/**
 * Characters that do not show. They make a name differ from one that looks the same: "invoice.pdf" and "invoice.pdf" with a
 * zero-width space in it.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/gu

/** Scripts in which joiners change what is seen. */
const JOINING_SCRIPTS =
  'Arabic Bengali Devanagari Gujarati Gurmukhi Kannada Khmer Malayalam Mongolian Myanmar Nko Oriya Sinhala Syriac Tamil Telugu'

const JOINED = `[${JOINING_SCRIPTS.split(' ')
  .map((script) => `\\p{Script=${script}}`)
  .join('')}]`

const PICTURE = '[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Regional_Indicator}]'

/** Those that change what is seen: joiners within words and between pictures, and which form of a picture is meant. */
const MEANT = new RegExp(
  [
    `(?<=${JOINED})[\\u200c\\u200d](?=${JOINED})`,
    `(?<=${PICTURE}\\ufe0f?)\\u200d(?=\\p{Extended_Pictographic})`,
    `(?<=${PICTURE})[\\ufe0e\\ufe0f]`,
    '(?<=[\\d#*])\\ufe0f(?=\\u20e3)'
  ].join('|'),
  'gu'
)

/** Whether a text has characters that do not show, and mean nothing where they are. */
export function hasInvisible(text: string): boolean {
  return text.replace(MEANT, '').search(INVISIBLE) !== -1
}

/** What is seen of a text that was typed or pasted: without characters that do not show, and without spaces around it. */
export function seenText(text: string): string {
  return withoutInvisible(text).trim()
}

/** Removes all characters that do not show, also those that have a meaning. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '')
}
