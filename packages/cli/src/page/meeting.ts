import { scryptAsync } from '@noble/hashes/scrypt.js'
import { CODE_PURPOSE } from '../send/code-words.js'
import { HARDNESS, MEETING_BYTES, type Meeting, meetingFrom, scryptInput } from '../shared/names/meeting.js'

/** Where the sender of a code waits: what `codeMeeting` derives in Node. The page stays responsive meanwhile. */
export async function codeMeeting(code: string): Promise<Meeting> {
  const { password, salt } = scryptInput(code, CODE_PURPOSE)
  return meetingFrom(await scryptAsync(password, salt, { ...HARDNESS, dkLen: MEETING_BYTES }))
}
