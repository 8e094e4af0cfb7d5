import type { Address } from '../network/dht-node.js'
import { member, override } from './guard/override.js'

/** What hole punching sends. */
const PING = new Uint8Array(1)

/** A UDP socket of the node. */
interface Socket {
  send(message: Uint8Array, port: number, host: string): Promise<unknown>
}

/** What HyperDHT remembers of a handshake that it has accepted. */
interface AcceptedHandshake {
  /** Whether the answer leaves from the puncher's socket, which means that both sides have to punch. */
  readonly replyFromPuncher: boolean
  readonly puncher: { openSession(to: Address): Promise<unknown> } | null
  /** Opens our end of the connection. Only the first call counts. */
  readonly onsocket: (socket: Socket, port: number, host: string) => void
}

type AskRelay = (...args: never[]) => Promise<{ readonly relayed: boolean; readonly serverAddress: Address }>
type AddHandshake = (
  id: string,
  noise: Uint8Array,
  client: Address,
  ...rest: never[]
) => Promise<AcceptedHandshake | null>
type OnPing = (message: Uint8Array, from: Address, ref: { readonly socket: Socket }) => void

const changed = new WeakSet<object>()

/**
 * Lets two peers behind NATs meet half a round trip after the handshake. HyperDHT begins to punch then, through the
 * relay, with a socket of its own for each dial, and the side that accepts opens its end when it hears from the other.
 * Here, that side opens its NAT to the dialling node while it answers, and the dialling node pings back from the
 * socket of its handshake. The accepting side opens its end on that ping, and its first bytes confirm the connection to
 * the other. Whatever the NATs do not let through changes nothing: HyperDHT punches as ever meanwhile. See
 * docs/decisions/0090-pings-go-with-the-handshake.md. Another kind of node is left as it is.
 */
export function punchEarly(node: object): void {
  if (changed.has(node) || typeof member(node, 'createRawStream') !== 'function') return
  changed.add(node)
  override<AskRelay>(member(node, '_router'), 'peerHandshake', (ask) => async (...args) => {
    const answer = await ask(...args)
    if (answer.relayed) ping(node, answer.serverAddress)
    return answer
  })
  override(node, 'createServer', (create) => (...args) => {
    const server = create(...args)
    override<AddHandshake>(server, '_addHandshake', (add) => async (id, noise, client, ...rest) => {
      const accepted = await add(id, noise, client, ...rest)
      if (accepted?.replyFromPuncher) expectPing(accepted, client)
      return accepted
    })
    return server
  })
}

/** From the socket that the relay has named to the peer. A node that others reach is called by the peer itself. */
function ping(node: object, { host, port }: Address): void {
  const { remoteAddress, socket } = node as { remoteAddress(): Address | null; readonly socket: Socket | null }
  if (remoteAddress.call(node) === null) void socket?.send(PING, port, host)
}

function expectPing({ onsocket, puncher }: AcceptedHandshake, client: Address): void {
  if (puncher === null) return
  void puncher.openSession(client)
  override<OnPing>(puncher, '_onholepunchmessage', (onPing) => (message, from, ref) => {
    if (from.host === client.host && from.port === client.port) onsocket(ref.socket, from.port, from.host)
    else onPing(message, from, ref)
  })
}
