import { ProxyError, printable, toServerName } from '@swarmway/proxy-protocol'

/**
 * Refuses a proof that was made for another server: who gets a proof could else pass it on to this one. `names` are the
 * server's own, if it was told them; otherwise the `host` that the client asked for stands in, as far as it is known.
 * That is less: a client that is not a browser writes into its Host header what it likes.
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
  const message = `the proof for this key ${said}, and this one is ${own}: connect by that name, or have the server add yours to its names`
  return new ProxyError('WRONG_SERVER', message)
}
