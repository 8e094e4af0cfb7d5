import { member, override } from './guard/override.js'

/** A UDX stream. It asks `_firewall` whether to drop a packet that came in on another socket than its own. */
interface UdxStream {
  readonly destroying: boolean
  _firewall?: () => boolean
  once(event: 'connect', listener: () => void): unknown
}

/** What HyperDHT remembers of a handshake that it has accepted. */
interface AcceptedHandshake {
  /** Null once it has found its way to the peer, other than through a relay. */
  readonly rawStream: UdxStream | null
  /** The connection, once there is one. */
  readonly encryptedSocket: { readonly rawStream: object | null } | null
  /** The way to a relay, which the stream may leave later. */
  readonly relaySocket: object | null
}

type AddHandshake = (...args: never[]) => Promise<AcceptedHandshake | null>

const changed = new WeakSet<object>()

/**
 * Releases accepted handshakes once their connections are open. HyperDHT's firewall function of a UDX stream holds all
 * that the node knows of the handshake, 2 kB, for as long as the connection lives. It connects the stream to where the
 * first packet comes from. After that it accepts each packet and does nothing else, unless there is a relay: then it moves
 * the stream to the first address that is not the relay's. So a stream without a relay gets another function as soon as it
 * is connected. Calling this again is harmless, and another kind of node is left as it is. See
 * docs/decisions/0101-open-connections-keep-no-handshake.md.
 */
export function releaseHandshakes(node: object): void {
  if (changed.has(node) || typeof member(node, 'createRawStream') !== 'function') return
  changed.add(node)
  override(node, 'createServer', (create) => (...args) => {
    const server = create(...args)
    override<AddHandshake>(server, '_addHandshake', (add) => async (...args) => {
      const accepted = await add(...args)
      if (accepted?.relaySocket === null) releaseWhenConnected(accepted)
      return accepted
    })
    return server
  })
}

function releaseWhenConnected({ rawStream, encryptedSocket }: AcceptedHandshake): void {
  if (rawStream !== null) rawStream.once('connect', () => release(rawStream))
  else if (encryptedSocket !== null) release(encryptedSocket.rawStream as UdxStream | null)
}

/** A stream with several paths is none of UDX, and keeps it. */
function release(stream: UdxStream | null): void {
  if (stream?._firewall !== undefined) stream._firewall = acceptUnlessDestroying
}

/** What HyperDHT's function comes down to for a connected stream. All streams share it. */
function acceptUnlessDestroying(this: UdxStream): boolean {
  return this.destroying
}
