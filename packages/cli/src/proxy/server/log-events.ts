import type { ClientSession, FleetState, FleetTrouble, ProxyServer } from '@swarmway/proxy-server'
import type { Logger } from './log.js'

const FLEET_ERRORS: Readonly<Record<FleetTrouble, string>> = {
  port: 'the port for links of the fleet cannot be opened; choose another with --fleet-port',
  broker:
    'the broker of the fleet does not answer, or refuses what the server needs from it; the server tries again. Check the address in --fleet (and tls:// or nats://), the name and password in it, the certificates, and which subjects the broker lets the server use',
  link: 'another server of the fleet cannot be reached, and its clients only through the DHT; if it has not just ended, check that its port for links is open to this machine, and is where its --fleet-address says'
}

/**
 * Logs clients that connect and leave, whether the DHT answers, and the state of the fleet. A client is logged by a number
 * that means nothing elsewhere, never by its public key or session, and by its address only if `logAddresses` is set.
 */
export function logEvents(server: ProxyServer, log: Logger, logAddresses: boolean): void {
  const numbers = new WeakMap<ClientSession, number>()
  let last = 0
  const from = (address: string | null): { address?: string } => (logAddresses && address !== null ? { address } : {})
  server.on('client', (session) => {
    numbers.set(session, ++last)
    log.info({ client: last, userAgent: session.userAgent, ...from(session.remoteAddress) }, 'client connected')
  })
  server.on('client-close', (session, { code }) => {
    const { bytesIn, bytesOut } = session.stats
    log.info({ client: numbers.get(session), code, bytesIn, bytesOut, ...from(session.remoteAddress) }, 'client left')
  })
  server.on('offline', () => log.warn('the DHT does not answer; clients find only each other'))
  server.on('online', () => log.info('the DHT answers again'))
  server.on('fleet', (state) => logFleet(log, state))
  server.on('fleet-error', ({ message }, what) => log.error({ reason: message }, FLEET_ERRORS[what]))
  server.on('denied', ({ code }, { remoteAddress }) => log.info({ code, ...from(remoteAddress) }, 'link refused'))
}

function logFleet(log: Logger, { isOnline, joined, left, servers }: FleetState): void {
  const names = { ...(joined.length > 0 && { joined }), ...(left.length > 0 && { left }) }
  const hasChanged = joined.length + left.length > 0
  if (isOnline) log.info({ others: servers, ...names }, hasChanged ? 'the fleet has changed' : 'in the fleet')
  else log.warn({ others: servers, ...names }, 'the broker of the fleet is lost')
}
