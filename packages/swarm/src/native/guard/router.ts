import { SwarmError } from '../../errors.js'
import type { Address } from '../../network/dht-node.js'
import { isSendable } from '../../network/node-address.js'
import { type Method, override } from './override.js'

type Ask = (...args: never[]) => Promise<{ serverAddress: Address }>
type Handle = (...args: never[]) => Promise<void>
/** Called with a message that reached a server; `peerAddress` is null unless another node relayed it. */
type ServerHook = (message: { peerAddress: Address | null }, request: object) => unknown
type Hooks = { onpeerhandshake?: ServerHook; onpeerholepunch?: ServerHook }
type GetState = (...args: never[]) => Hooks | null | undefined

/**
 * HyperDHT's router carries handshakes and hole punches between peers, and names each to the other. An unusable
 * address ends only that exchange here. Returns the names of the members that are missing and so not guarded.
 */
export function guardRouter(router: unknown): string[] {
  const guards: Record<string, boolean> = {
    // If one node lies, HyperDHT asks the next.
    peerHandshake: override<Ask>(router, 'peerHandshake', (ask) => async (...args) => {
      const reply = await ask(...args)
      if (isSendable(reply.serverAddress)) return reply
      throw new SwarmError('HANDSHAKE_INVALID', 'a node named an unusable address')
    }),
    // Servers that already listen set their hooks earlier.
    get: override<GetState>(
      router,
      'get',
      (get) =>
        (...args) =>
          withGuardedHooks(get(...args))
    ),
    onpeerhandshake: override<Handle>(router, 'onpeerhandshake', quietly),
    onpeerholepunch: override<Handle>(router, 'onpeerholepunch', quietly)
  }
  return Object.keys(guards).filter((name) => !guards[name])
}

/** Requests of other nodes come from a socket's listener: an error in handling one costs its sender the answer. */
export function guardRequests(node: object): boolean {
  return override<Method>(node, 'onrequest', (handle) => (...args) => {
    try {
      return handle(...args)
    } catch {
      return true
    }
  })
}

function withGuardedHooks(state: Hooks | null | undefined): Hooks | null | undefined {
  if (!state?.onpeerhandshake && !state?.onpeerholepunch) return state
  const { onpeerhandshake, onpeerholepunch } = state
  return {
    ...state,
    ...(onpeerhandshake && { onpeerhandshake: guardHook(onpeerhandshake) }),
    ...(onpeerholepunch && { onpeerholepunch: guardHook(onpeerholepunch) })
  }
}

/**
 * Null leaves the message without an answer. The error must not reach the router, which rethrows a TypeError or
 * RangeError where nothing can catch it.
 */
function guardHook(hook: ServerHook): ServerHook {
  return async (message, request) => {
    if (message.peerAddress !== null && !isSendable(message.peerAddress)) return null
    try {
      return await hook(message, request)
    } catch {
      return null
    }
  }
}

/** HyperDHT does not await these. */
function quietly(handle: Handle): Handle {
  return (...args) => handle(...args).catch(ignore)
}

function ignore(): void {}
