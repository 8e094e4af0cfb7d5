import type { Server, Socket } from 'node:net'
import type { DialFailure } from '@swarmway/swarm'
import type { Channel } from '../shared/channel/channel.js'
import type { Status } from '../shared/terminal/status.js'
import { Tunnels } from './tunnels.js'

/** After this many failed dials the user is told: the first may just have come too early. */
const SAID_FAILURES = 2

const NOT_INVITED = 'The other side lets in members of a group, and we are not: ask for a new invitation. Trying again.'

/** The local port: programs that connect are carried to the peer that came last, or wait for one. */
export class Entrance {
  readonly #status: Status
  readonly #waiting = new Set<Socket>()
  readonly #sockets = new Set<Socket>()
  /** One for each peer that is there. */
  readonly #peers = new Set<Tunnels>()
  #failures = 0
  #isRefused = false

  constructor(server: Server, status: Status) {
    this.#status = status
    server.on('connection', (socket) => this.#onSocket(socket))
  }

  onPeer(channel: Channel): void {
    const tunnels = new Tunnels(channel, null, () => this.#onGone(tunnels))
    this.#peers.add(tunnels)
    this.#isRefused = false
    this.#status.say('The other side is there.')
    for (const socket of this.#waiting) tunnels.open(socket)
    this.#waiting.clear()
  }

  /** A peer whose firewall refuses us looks like one that is not there; a group says that we are not in it. */
  onFailed({ code }: Pick<DialFailure, 'code'>): void {
    const isRefused = code === 'NOT_A_MEMBER'
    if (isRefused && !this.#isRefused) this.#status.say(NOT_INVITED)
    this.#isRefused = isRefused
    if (isRefused || ++this.#failures !== SAID_FAILURES || this.#peers.size > 0) return
    this.#status.say('The other side is away, or does not let us in; trying again. "swarmway key" shows our key.')
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #onGone(tunnels: Tunnels): void {
    this.#peers.delete(tunnels)
    if (this.#peers.size === 0) this.#status.say('The other side left; waiting for it.')
  }

  #onSocket(socket: Socket): void {
    socket.on('error', () => {})
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#waiting.delete(socket)
    })
    const tunnels = [...this.#peers].at(-1)
    if (tunnels === undefined) this.#waiting.add(socket)
    else tunnels.open(socket)
  }
}
