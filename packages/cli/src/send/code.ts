import { randomInt } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import type { Meeting } from '../shared/names/meeting.js'
import { meetingOf } from '../shared/names/secret-name.js'
import { CODE_PURPOSE, WORD_COUNT } from './code-words.js'

/** A new code: random words, joined by dashes. */
export function generateCode(): string {
  return Array.from({ length: WORD_COUNT }, () => wordlist[randomInt(wordlist.length)]).join('-')
}

/** Where the sender and the receivers of a code meet. */
export function codeMeeting(code: string): Promise<Meeting> {
  return meetingOf(code, CODE_PURPOSE)
}
