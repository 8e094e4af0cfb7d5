import { isBootstrapNode } from '@swarmway/swarm/hyperdht'
import proxyAddr from 'proxy-addr'
import { BadValue, items, type Kind, list, quote } from './kinds.js'

/** A DHT node. */
export interface NodeAddress {
  readonly host: string
  readonly port: number
}

/** Bootstrap nodes: host:port. */
export const nodes: Kind<NodeAddress[]> = list('host:port', readNode, ({ host, port }) => `${host}:${port}`)

/** Web origins such as https://app.example, or * for all. */
export const origins: Kind<string[]> = list('origin', readOrigin, String)

/** Names of a server: proxy.example, or proxy.example:8443. */
export const names: Kind<string[]> = list('host[:port]', readName, String)

/** NATS servers; their credentials are not shown. */
export const brokers: Kind<string[]> = list('url', readBroker, withoutCredentials)

/** The URL by which clients reach a server. */
export const clientUrl: Kind<string> = {
  placeholder: '<url>',
  read: (given) => {
    const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : null
    if (url !== null && /^wss?:$/.test(url.protocol) && url.username === '') return url.href
    throw new BadValue(`must be like wss://a.proxy.example/swarm, not ${quote(given)}`)
  },
  show: String
}

const ANY_ORIGIN = '*'

const BEHIND_THIS_MACHINE = ['loopback']

/** Neighbours trusted to say where a connection comes from: addresses, networks, or names that proxy-addr knows. */
export const neighbours: Kind<string[]> = {
  placeholder: '[addresses]',
  repeatable: true,
  read: (given) => {
    if (given === false || given === 'false') return []
    if (given === true || given === 'true') return BEHIND_THIS_MACHINE
    return verifyNeighbours(items(given))
  },
  show: (values) => (values.length === 0 ? 'no' : values.join(', '))
}

function readNode(item: string): NodeAddress {
  const [host = '', port] = item.split(':')
  if (isBootstrapNode(item)) return { host, port: Number(port) }
  throw new BadValue(`must be like dht.example:49737, not ${quote(item)}`)
}

/** The value may hold a password, so no message shows it. */
function readBroker(item: string): string {
  const url = URL.canParse(item) ? new URL(item) : null
  if (url !== null && /^(?:nats|tls):$/.test(url.protocol) && url.hostname !== '') return item
  throw new BadValue('must be URLs like nats://broker.example:4222 or tls://broker.example')
}

function withoutCredentials(item: string): string {
  return item.replace(/\/\/.*@/, '//')
}

function readName(item: string): string {
  const url = /[/?#@]/.test(item) || !URL.canParse(`wss://${item}`) ? null : new URL(`wss://${item}`)
  if (url !== null && url.host !== '') return url.host
  throw new BadValue(`must be like proxy.example or proxy.example:8443, not ${quote(item)}`)
}

function readOrigin(item: string): string {
  if (item === ANY_ORIGIN) return item
  const url = URL.canParse(item) ? new URL(item) : null
  // Browsers send an origin without a trailing slash; the setting has to match that.
  if (url !== null && url.origin !== 'null' && url.pathname === '/' && !url.search) return url.origin
  throw new BadValue(`must be like https://app.example, not ${quote(item)}`, 'Give a scheme and host, without a path.')
}

function verifyNeighbours(addresses: string[]): string[] {
  try {
    proxyAddr.compile(addresses)
    return addresses
  } catch {
    const hint = 'These names stand for several networks: loopback, linklocal, uniquelocal.'
    throw new BadValue(`must be addresses or networks such as 10.0.0.0/8, not ${quote(addresses.join(','))}`, hint)
  }
}
