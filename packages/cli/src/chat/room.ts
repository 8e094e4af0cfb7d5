import type { Connection, SwarmCore } from '@swarmway/swarm'
import b4a from 'b4a'
import { Channel } from '../shared/channel/channel.js'
import { isMixed, skeletonOf } from './look-alikes.js'
import { Receipts } from './receipts.js'
import { cleanNick, decodeText, encodeLine, encodeText, MESSAGE } from './wire.js'

const SHORT_KEY_LETTERS = 4
/** Names that are kept of members that left too early: anybody who knows the room's name can come and go under any nick. */
const MAX_MISSED = 100

/** Milliseconds for the others to hear what was said last, before we leave: a proxy server keeps one whose link is lost for 30 s. */
export const HEARD_MS = 60_000

/** Events in a room. Names are ready to be shown. */
export interface RoomListener {
  onJoined(name: string): void
  /** `isUnheard`: before everything that was said had arrived there. */
  onLeft(name: string, isUnheard: boolean): void
  onRenamed(from: string, to: string): void
  onSaid(name: string, text: string): void
}

/** A member of the room. */
interface Member {
  readonly channel: Channel
  readonly receipts: Receipts
  /** Null until the member has said hello. */
  nick: string | null
  /** The skeleton of the nick. */
  skeleton: string
}

/** Everyone under one name, and their messages. */
export class Room {
  readonly #listener: RoomListener
  readonly #members = new Set<Member>()
  #nick: string
  #waiters: (() => void)[] = []
  /** Names of those that left before they had heard everything. */
  readonly #missed = new Set<string>()
  #swarm: SwarmCore | null = null

  constructor(nick: string, listener: RoomListener) {
    this.#nick = nick
    this.#listener = listener
  }

  get nick(): string {
    return this.#nick
  }

  /** Changes our nick and tells everyone. */
  set nick(nick: string) {
    this.#nick = nick
    for (const { channel } of this.#members) channel.send(MESSAGE.hello, encodeText(nick))
  }

  /** The names of the others. */
  get names(): string[] {
    return this.#present().map((member) => this.#nameOf(member))
  }

  /** The names of those that have not heard everything: some may have left, others may still. */
  get missed(): string[] {
    return [...this.#missed, ...this.#unheard().map((member) => this.#nameOf(member))]
  }

  /** Whether something said is still on its way to somebody here. */
  get isUnheard(): boolean {
    return this.#unheard().length > 0
  }

  /** Resolves as soon as somebody is here. */
  async somebody(): Promise<void> {
    while (this.#present().length === 0) await this.#change()
  }

  /** Resolves once everybody here has heard everything, or after `patienceMs`. */
  async heard(patienceMs: number): Promise<void> {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.#wake()
    }, patienceMs)
    while (this.isUnheard && !isLate) await this.#change()
    clearTimeout(timer)
  }

  /** Joins the topic. */
  enter(swarm: SwarmCore, topic: Uint8Array): void {
    this.#swarm = swarm
    swarm.on('connection', (connection) => this.add(connection))
    swarm.join(topic)
  }

  /** A connection to a peer that knows the name. */
  add(connection: Connection): void {
    const channel = new Channel(connection, {
      onMessage: (type, payload) => this.#onMessage(member, type, payload),
      onClose: () => this.#onClose(member)
    })
    const member: Member = { nick: null, skeleton: '', channel, receipts: new Receipts(channel) }
    this.#members.add(member)
    channel.send(MESSAGE.hello, encodeText(this.#nick))
  }

  /** Sends a line to everyone here. Resolves to the number of receivers once they can take more. */
  async say(text: string): Promise<number> {
    const present = this.#present()
    const messages = encodeLine(text)
    const full = present.filter((member) => !sendAll(member, messages))
    await Promise.all(full.map(({ channel }) => channel.drained()))
    return present.length
  }

  #present(): Member[] {
    return [...this.#members].filter(({ nick }) => nick !== null)
  }

  #unheard(): Member[] {
    return [...this.#members].filter(({ receipts }) => receipts.isUnheard)
  }

  /** Resolves when somebody has come, left, or heard something. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }

  #onMessage(member: Member, type: number, payload: Uint8Array): void {
    const text = decodeText(payload)
    if (text === null) member.channel.destroy()
    else if (type === MESSAGE.hello) this.#onHello(member, cleanNick(text))
    else if (type === MESSAGE.say) this.#onSay(member, text)
    else if (type === MESSAGE.heard) this.#onHeard(member, payload)
  }

  #onSay(member: Member, text: string): void {
    if (member.nick !== null && text !== '') this.#listener.onSaid(this.#nameOf(member), text)
    member.receipts.onArrived()
  }

  #onHeard({ channel, receipts }: Member, payload: Uint8Array): void {
    if (receipts.onHeard(payload)) this.#wake()
    else channel.destroy()
  }

  #onHello(member: Member, nick: string): void {
    const before = member.nick === null ? null : this.#nameOf(member)
    member.nick = nick || defaultNick(member.channel.remotePublicKey)
    member.skeleton = skeletonOf(member.nick)
    const name = this.#nameOf(member)
    if (before === null) this.#listener.onJoined(name)
    else if (before !== name) this.#listener.onRenamed(before, name)
    this.#wake()
  }

  #onClose(member: Member): void {
    const name = member.nick === null ? null : this.#nameOf(member)
    const { isUnheard } = member.receipts
    this.#members.delete(member)
    if (name !== null && isUnheard && this.#missed.size < MAX_MISSED) this.#missed.add(name)
    // When we leave, the others have not left.
    if (name !== null && this.#swarm?.destroyed !== true) this.#listener.onLeft(name, isUnheard)
    this.#wake()
  }

  /** The nick, followed by the beginning of the key if another nick looks the same or it could be a disguise. */
  #nameOf(member: Member): string {
    const { nick, skeleton } = member
    const alike = this.#present().filter((other) => other !== member && other.skeleton === skeleton)
    const isUnlike = alike.length === 0 && skeletonOf(this.#nick) !== skeleton && !isMixed(nick ?? '')
    return isUnlike ? (nick ?? '') : `${nick}~${uniqueStart(member, alike)}`
  }
}

/** Sends the messages of a line. Returns false if the caller should wait for `drained`. */
function sendAll({ channel, receipts }: Member, messages: readonly Uint8Array[]): boolean {
  receipts.onSent(messages.length)
  return messages.map((message) => channel.send(MESSAGE.say, message)).every(Boolean)
}

/** The shortest beginning of a member's key that no other member's key shares: similar keys are cheap to generate. */
function uniqueStart(member: Member, others: readonly Member[]): string {
  const [key = '', ...keys] = [member, ...others].map(({ channel }) => b4a.toString(channel.remotePublicKey, 'hex'))
  let length = SHORT_KEY_LETTERS
  while (length < key.length && keys.some((other) => other !== key && other.startsWith(key.slice(0, length)))) length++
  return key.slice(0, length)
}

/** The nick of a member that gives none. */
export function defaultNick(publicKey: Uint8Array): string {
  return `guest-${shortKey(publicKey)}`
}

function shortKey(publicKey: Uint8Array): string {
  return b4a.toString(publicKey, 'hex').slice(0, SHORT_KEY_LETTERS)
}
