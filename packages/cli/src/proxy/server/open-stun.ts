import { StunResponder } from '@swarmway/proxy-server'
import type { ProxySettings } from '../config/settings.js'
import { cannotListen } from './bind.js'

/** The STUN responder of the settings, null for none: with workers, the first one has it. Rejects with a CliError. */
export async function openStun(
  { host, stunHost, stunPort }: ProxySettings,
  worker: number | null
): Promise<StunResponder | null> {
  if (stunPort === null || (worker ?? 1) !== 1) return null
  const address = stunHost ?? host
  try {
    return await StunResponder.listen({ host: address, port: stunPort })
  } catch (cause) {
    throw cannotListen({ host: address, port: stunPort, flag: '--stun-port' }, cause)
  }
}
