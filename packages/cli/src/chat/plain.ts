import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { SwarmCore } from '@swarmway/swarm'
import { cleanText } from '../shared/terminal/clean-text.js'
import type { Status } from '../shared/terminal/status.js'
import { Room } from './room.js'

/** Where a chat in a pipe reads and writes. */
export interface PlainChat {
  readonly nick: string
  /** Lines to send; null to listen only. */
  readonly input: Readable | null
  /** Receives the others' messages, one per line, as "nick: text". */
  readonly output: { write(text: string): unknown }
  /** Reports who joins and leaves. */
  readonly status: Status
}

/**
 * A chat without a terminal. It starts reading once somebody is here, so that nothing is sent to an empty room. It
 * resolves when the input has ended and everything sent has arrived.
 */
export async function runPlainChat(swarm: SwarmCore, topic: Uint8Array, chat: PlainChat): Promise<void> {
  const { input, nick, output, status } = chat
  const room = new Room(nick, {
    onJoined: (name) => status.say(`* ${name} joined`),
    onLeft: (name) => status.say(`* ${name} left`),
    onRenamed: (from, to) => status.say(`* ${from} is now ${to}`),
    onSaid: (name, text) => output.write(`${cleanText(`${name}: ${text}`)}\n`)
  })
  room.enter(swarm, topic)
  status.say('Waiting for others.')
  // When it only listens, it ends with the process.
  if (input === null) return new Promise<void>(() => {})
  await room.somebody()
  for await (const line of createInterface({ input })) await sayLine(room, line.trim())
  await room.flush()
}

async function sayLine(room: Room, line: string): Promise<void> {
  if (line === '') return
  await room.somebody()
  await room.say(line)
}
