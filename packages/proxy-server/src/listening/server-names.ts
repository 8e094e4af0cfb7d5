import { type ProxyError, printable, toServerName, withoutStack } from '@swarmway/proxy-protocol'

/**
 * Refuses a proof that was made for another server: otherwise a server that receives a proof could replay it to this
 * one. `names` are the server's configured names; without them, the `host` that the client asked for is used, if it
 * is known. That is weaker, because a client other than a browser can send any Host header.
 * @throws ProxyError `WRONG_SERVER`
 */
export function assertNamed(signed: string, names: readonly string[], host: string | null): void {
  const name = toServerName(signed)
  if (names.length > 0) {
    if (!names.includes(name)) throw wrongServer(name, names.join(', '))
  } else if (name !== '' && host !== null && name !== toServerName(host)) throw wrongServer(name, toServerName(host))
}

function wrongServer(signed: string, own: string): ProxyError {
  const said = signed === '' ? 'names no server' : `is for the server ${printable(signed)}`
  const message = `the proof for this key ${said}, but this server is ${own}: connect by that name, or have the server add yours to its names`
  return withoutStack('WRONG_SERVER', message)
}
