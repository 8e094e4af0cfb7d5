import type { Address } from '../../dht-node.js'
import { SwarmError } from '../../errors.js'
import { isSendable } from '../../node-address.js'
import { type Method, override } from './override.js'

interface HandshakeReply {
  serverAddress: Address
}

interface HolepunchReply {
  payload: Uint8Array | null
  peerAddress: Address
}

/** What reaches a server through a DHT node; absent if the remote left it out. */
interface ServerMessage {
  noise?: Uint8Array | null
  payload?: Uint8Array | null
  peerAddress: Address | null
}

type Ask<Reply> = (...args: never[]) => Promise<Reply>
type ServerHook = (message: ServerMessage, request: object) => unknown
type Hooks = { onpeerhandshake?: ServerHook; onpeerholepunch?: ServerHook }
type GetState = (...args: never[]) => Hooks | null | undefined

/**
 * HyperDHT's router carries handshakes and hole punches between peers. What is missing from a message, or an address
 * that nothing can be sent to, ends that one exchange here. Further in it is a TypeError, which HyperDHT throws once
 * more where nobody can catch it. Returns the names of what is not there to be guarded.
 */
export function guardRouter(router: unknown): string[] {
  const guards: Record<string, boolean> = {
    peerHandshake: override<Ask<HandshakeReply>>(router, 'peerHandshake', (ask) => async (...args) => {
      const reply = await ask(...args)
      if (isSendable(reply.serverAddress)) return reply
      throw new SwarmError('HANDSHAKE_INVALID', 'a node has named an address that nothing can be sent to')
    }),
    peerHolepunch: override<Ask<HolepunchReply>>(router, 'peerHolepunch', (ask) => async (...args) => {
      const reply = await ask(...args)
      if (reply.payload !== null && isSendable(reply.peerAddress)) return reply
      throw new SwarmError('HOLEPUNCH_INVALID', 'the answer to a hole punch is incomplete')
    }),
    get: override<GetState>(
      router,
      'get',
      (get) =>
        (...args) =>
          withGuardedHooks(get(...args))
    ),
    onpeerhandshake: override<Ask<void>>(router, 'onpeerhandshake', quietly),
    onpeerholepunch: override<Ask<void>>(router, 'onpeerholepunch', quietly)
  }
  return Object.keys(guards).filter((name) => !guards[name])
}

/** Servers that listen already have put their hooks there before. */
function withGuardedHooks(state: Hooks | null | undefined): Hooks | null | undefined {
  if (!state?.onpeerhandshake && !state?.onpeerholepunch) return state
  const { onpeerhandshake, onpeerholepunch } = state
  return {
    ...state,
    ...(onpeerhandshake && { onpeerhandshake: guardHook(onpeerhandshake, 'noise') }),
    ...(onpeerholepunch && { onpeerholepunch: guardHook(onpeerholepunch, 'payload') })
  }
}

/** Null makes the router leave the message without an answer. */
function guardHook(hook: ServerHook, content: 'noise' | 'payload'): ServerHook {
  return async (message, request) => {
    const { [content]: bytes, peerAddress } = message
    if (!bytes || (peerAddress !== null && !isSendable(peerAddress))) return null
    try {
      return await hook(message, request)
    } catch {
      return null
    }
  }
}

/** HyperDHT does not await these. */
function quietly(handle: Ask<void>): Ask<void> {
  return (...args) => handle(...args).catch(ignore)
}

function ignore(): void {}

/** Requests of other nodes come from a socket's listener: what is thrown about one costs the sender its answer. */
export function guardRequests(node: object): boolean {
  return override<Method>(node, 'onrequest', (handle) => (...args) => {
    try {
      return handle(...args)
    } catch {
      return true
    }
  })
}
