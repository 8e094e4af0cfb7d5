import type { ReadStream, WriteStream } from 'node:tty'
import type { SwarmCore } from '@swarmway/swarm'
import { colorsFor } from '../shared/terminal/colors.js'
import { HEARD_MS, Room } from './room.js'
import { TerminalScreen } from './terminal-screen.js'
import { cleanNick } from './wire.js'
import { eventLine, leftText, saidLine, whoLine } from './words.js'

const COMMANDS = '/who lists who is here, /nick <name> changes your name, /quit leaves.'

/** A chat on a terminal: messages appear above the line being typed. */
export class InteractiveChat {
  readonly room: Room
  readonly #screen: TerminalScreen
  readonly #colors
  readonly #leave: () => void
  #leaveCount = 0

  /** `leave` is called when the user wants to leave. */
  constructor(nick: string, { stdin, stdout }: { stdin: ReadStream; stdout: WriteStream }, leave: () => void) {
    this.#leave = leave
    this.#colors = colorsFor(stdout)
    this.room = new Room(nick, {
      onJoined: (name) => this.tell(`${name} joined`),
      onLeft: (name, isUnheard) => this.tell(leftText(name, isUnheard)),
      onRenamed: (from, to) => this.tell(`${from} is now ${to}`),
      onSaid: (name, text) => this.#screen.print(saidLine(name, text, this.#colors))
    })
    this.#screen = new TerminalScreen(stdin, stdout, `${nick}: `, {
      onLine: (line) => this.#onLine(line.trim()),
      onLeave: () => void this.#onLeave()
    })
  }

  /** Joins the topic. */
  enter(swarm: SwarmCore, topic: Uint8Array): void {
    this.room.enter(swarm, topic)
    this.tell(`Waiting for others. ${COMMANDS}`)
  }

  /** Shows a line about an event. */
  tell(text: string): void {
    this.#screen.print(eventLine(text, this.#colors))
  }

  close(): void {
    this.#screen.close()
  }

  #onLine(line: string): void {
    if (line === '') return
    if (line.startsWith('/')) this.#onCommand(line)
    else void this.#say(line)
  }

  async #say(line: string): Promise<void> {
    const isAlone = this.room.names.length === 0
    if (isAlone) this.tell('Nobody else is here yet, so nobody received that.')
    else await this.room.say(line)
  }

  #onCommand(line: string): void {
    const [command, ...words] = line.split(/\s+/)
    if (command === '/quit') void this.#onLeave()
    else if (command === '/who') this.tell(whoLine(this.room.names, this.room.nick))
    else if (command === '/nick' && words.length > 0) this.#rename(cleanNick(words.join(' ')))
    else this.tell(COMMANDS)
  }

  /** What was said last may still be on its way. Asked again, it leaves at once. */
  async #onLeave(): Promise<void> {
    if (++this.#leaveCount > 1 || !this.room.isUnheard) return this.#leave()
    this.tell('Waiting until what you said has arrived; Ctrl-C leaves now.')
    await this.room.heard(HEARD_MS)
    if (this.#leaveCount === 1) this.#leave()
  }

  #rename(nick: string): void {
    if (nick === '') return
    this.room.nick = nick
    this.#screen.prompt = `${nick}: `
    this.tell(`You are now ${nick}`)
  }
}
