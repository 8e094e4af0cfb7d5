import { MAX_AUTH_BYTES, ProxyError } from '@swarmway/proxy-protocol'
import type { Clock } from '@swarmway/swarm/core'
import b4a from 'b4a'
import type { AuthRequest, Credentials, UplinkSettings } from '../../options.js'
import { createAbort } from './abort.js'

/** Credentials that a function of the application is about to give. */
export interface PendingCredentials {
  /** Rejects with AUTH_UNAVAILABLE. */
  readonly bytes: Promise<Uint8Array>
  /** Nobody waits any longer: aborts the signal, and `bytes` rejects, whatever the application still gives. */
  abandon(): void
}

type Ask = (request: AuthRequest) => Credentials | Promise<Credentials>

/** Asks the application for its credentials, for one link. It has `connectTimeoutMs`. */
export function askForCredentials(
  ask: Ask,
  request: Omit<AuthRequest, 'signal'>,
  { clock, connectTimeoutMs }: Pick<UplinkSettings, 'clock' | 'connectTimeoutMs'>
): PendingCredentials {
  const controller = createAbort()
  const { fail, promise: late, stop } = deadline(clock, connectTimeoutMs, controller)
  const bytes = Promise.race([call(ask, { ...request, signal: controller.signal }), late]).finally(stop)
  return {
    bytes,
    abandon: () => {
      fail(new ProxyError('ABORTED', 'the credentials are not needed any more'))
      controller.abort()
    }
  }
}

/** Credentials as bytes; null if they are none. */
export function toAuthBytes(auth: unknown): Uint8Array | null {
  const bytes = typeof auth === 'string' ? b4a.from(auth) : (auth ?? b4a.alloc(0))
  return bytes instanceof Uint8Array && bytes.byteLength <= MAX_AUTH_BYTES ? bytes : null
}

async function call(ask: Ask, request: AuthRequest): Promise<Uint8Array> {
  const given = await asked(ask, request)
  const bytes = toAuthBytes(given)
  if (bytes !== null) return bytes
  throw unavailable(`gave neither a string nor a Uint8Array of at most ${MAX_AUTH_BYTES} bytes`)
}

async function asked(ask: Ask, request: AuthRequest): Promise<Credentials> {
  try {
    return await ask(request)
  } catch (error) {
    throw unavailable(`failed: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

function deadline(clock: Clock, timeoutMs: number, controller: { abort(): void }) {
  let timer: unknown = null
  let fail: (error: ProxyError) => void = ignore
  const promise = new Promise<never>((_, reject) => {
    fail = reject
    timer = clock.setTimeout(() => {
      reject(unavailable(`gave nothing within ${timeoutMs} ms`))
      controller.abort()
    }, timeoutMs)
  })
  return { fail, promise, stop: () => clock.clearTimeout(timer) }
}

function unavailable(what: string, cause?: unknown): ProxyError {
  return new ProxyError('AUTH_UNAVAILABLE', `the function auth ${what}`, { cause })
}

function ignore(): void {}
