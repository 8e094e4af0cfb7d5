import type { ReadStream, WriteStream } from 'node:tty'
import type { SwarmCore } from '@swarmway/swarm'
import { colorsFor } from '../shared/terminal/colors.js'
import { Room } from './room.js'
import { TerminalScreen } from './terminal-screen.js'
import { cleanNick } from './wire.js'
import { eventLine, saidLine, whoLine } from './words.js'

const COMMANDS = '/who lists who is here, /nick <name> changes your name, /quit leaves.'

/** A chat on a terminal: messages appear above the line being typed. */
export class InteractiveChat {
  readonly room: Room
  readonly #screen: TerminalScreen
  readonly #colors
  readonly #leave: () => void

  /** `leave` is called when the user wants to leave. */
  constructor(nick: string, { stdin, stdout }: { stdin: ReadStream; stdout: WriteStream }, leave: () => void) {
    this.#leave = leave
    this.#colors = colorsFor(stdout)
    this.room = new Room(nick, {
      onJoined: (name) => this.tell(`${name} joined`),
      onLeft: (name) => this.tell(`${name} left`),
      onRenamed: (from, to) => this.tell(`${from} is now ${to}`),
      onSaid: (name, text) => this.#screen.print(saidLine(name, text, this.#colors))
    })
    this.#screen = new TerminalScreen(stdin, stdout, `${nick}: `, {
      onLine: (line) => this.#onLine(line.trim()),
      onLeave: leave
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
    if (command === '/quit') this.#leave()
    else if (command === '/who') this.tell(whoLine(this.room.names, this.room.nick))
    else if (command === '/nick' && words.length > 0) this.#rename(cleanNick(words.join(' ')))
    else this.tell(COMMANDS)
  }

  #rename(nick: string): void {
    if (nick === '') return
    this.room.nick = nick
    this.#screen.prompt = `${nick}: `
    this.tell(`You are now ${nick}`)
  }
}
