import { askStun } from './ask-stun.js'
import type { Finding } from './finding.js'

/** What is known about this network. */
export interface DirectView {
  /** The STUN server that the proxy server names, null for none. */
  readonly stunUrl: string | null
  /** Whether the NAT uses another port for every remote. */
  readonly isRandomized: boolean
}

/** Says whether tabs on this network find direct paths to others with the help of a proxy server. */
export async function checkDirect({ isRandomized, stunUrl }: DirectView): Promise<Finding> {
  if (stunUrl === null) return NO_STUN
  const address = await askStun(stunUrl)
  const data = { stunUrl, ...(address !== null && { address }) }
  if (address === null) return { ...SILENT, data }
  if (isRandomized) return { ...NEEDS_TURN, data }
  const text = `Direct paths between tabs can work here: its STUN port tells them their address (ours is ${address}).`
  return { check: 'direct', level: 'ok', text, data }
}

const NO_STUN: Finding = {
  check: 'direct',
  level: 'note',
  text: 'Direct paths work between tabs on one network only: it has no STUN port.',
  hint: 'Its operator can set --stun-port; pages can name other servers (direct: { iceServers: ... }).'
}

const SILENT: Finding = {
  check: 'direct',
  level: 'note',
  text: 'Direct paths work between tabs on one network only: its STUN port does not answer.',
  hint: 'UDP may be blocked here, or on the way to the server. Connections stay proxied.'
}

const NEEDS_TURN: Finding = {
  check: 'direct',
  level: 'note',
  text: 'Direct paths to many peers cannot work here, because the NAT uses another port for every remote.',
  hint: 'A TURN server helps (direct: { iceServers: ... }). Without one, those connections stay proxied.'
}
