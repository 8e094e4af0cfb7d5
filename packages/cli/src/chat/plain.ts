import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { cleanText } from '../shared/terminal/clean-text.js'
import type { Status } from '../shared/terminal/status.js'
import { HEARD_MS, Room } from './room.js'
import { leftText } from './words.js'

/** Where the events of a chat in a pipe go. */
export interface PlainOutput {
  /** Receives the others' messages, one per line, as "nick: text". */
  readonly output: { write(text: string): unknown }
  /** Reports who joins and leaves. */
  readonly status: Status
}

/** A room without a terminal. */
export function plainRoom(nick: string, { output, status }: PlainOutput): Room {
  return new Room(nick, {
    onJoined: (name) => status.say(`* ${name} joined`),
    onLeft: (name, isUnheard) => status.say(`* ${leftText(name, isUnheard)}`),
    onRenamed: (from, to) => status.say(`* ${from} is now ${to}`),
    onSaid: (name, text) => output.write(`${cleanText(`${name}: ${text}`)}\n`)
  })
}

/**
 * Says each line of the input; null if it only listens, which ends with the process. It starts reading once somebody is here,
 * so that nothing is sent to an empty room. It resolves when the input has ended and everything sent has arrived, or
 * will not.
 */
export async function sayLines(room: Room, input: Readable | null): Promise<void> {
  if (input === null) return new Promise<void>(() => {})
  await room.somebody()
  for await (const line of createInterface({ input })) await sayLine(room, line.trim())
  await room.heard(HEARD_MS)
}

async function sayLine(room: Room, line: string): Promise<void> {
  if (line === '') return
  await room.somebody()
  await room.say(line)
}
