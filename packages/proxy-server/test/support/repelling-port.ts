import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { FLEET_REQUESTS, ProxyError, systemClock } from '@swarmway/proxy-protocol'
import { onTestFinished } from 'vitest'
import { IncomingLinks } from '../../src/fleet/links/incoming-links.js'
import { LinkPort } from '../../src/fleet/links/link-port.js'
import type { SealedDuplex } from '../../src/fleet/links/sealed-duplex.js'
import { fleetKeyOf } from '../../src/fleet/presence/envelope.js'
import type { ServerKeyPair } from '../../src/index.js'

/** Ways in which a member of a fleet repels those that open links to it. */
export const REPELLING = [
  'cuts each connection',
  'cuts each connection after the handshake',
  'answers rubbish to the greeting',
  'cuts each link after its greeting',
  'cuts the link at each offer',
  'answers rubbish to each offer',
  'refuses each offer as if the peer did not answer',
  'refuses each offer with an error of its own',
  'says that the peer is not there',
  'takes each offer and refuses its stream'
] as const
export type Repelling = (typeof REPELLING)[number]

/** What it answers handshakes with. */
export const FALSE_ANSWER = new Uint8Array(96).fill(7)

/** A port for links that repels in this way. Resolves to the port, and how often it was connected to. */
export async function repellingPort(keyPair: ServerKeyPair, way: Repelling) {
  const count = { connections: 0 }
  const port = await (way === 'cuts each connection' ? cuttingPort(count) : linkPort(keyPair, way, count))
  return { port, count }
}

async function cuttingPort(count: { connections: number }): Promise<number> {
  const server = createServer((socket) => {
    count.connections++
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

function linkPort(keyPair: ServerKeyPair, way: Repelling, count: { connections: number }): Promise<number> {
  let last: SealedDuplex | null = null
  const onRequest = async () => answer(way, () => last?.destroy())
  const incoming = new IncomingLinks({
    clock: systemClock,
    isServer: () => true,
    sessionOptions: () => ({
      onRequest,
      onChannel: () => {
        throw new ProxyError('NOT_FOUND', 'there is no such offer')
      }
    })
  })
  const onStream = (stream: SealedDuplex): void => {
    count.connections++
    last = stream
    if (way === 'cuts each connection after the handshake') stream.destroy()
    else if (way === 'answers rubbish to the greeting') stream.write(randomBytes(100))
    else incoming.accept(stream)
    // What the greeting is answered with goes out first.
    if (way === 'cuts each link after its greeting') setTimeout(() => stream.destroy(), 20)
  }
  const port = new LinkPort({ keyPair, fleetKey: fleetKeyOf(), clock: systemClock, onStream })
  onTestFinished(() => {
    incoming.destroy(new ProxyError('DESTROYED', 'the test is over'))
    port.close()
  })
  return port.listen('127.0.0.1', 0)
}

function answer(way: Repelling, cut: () => void): Uint8Array {
  if (way === 'cuts the link at each offer') cut()
  if (way === 'refuses each offer as if the peer did not answer')
    throw new ProxyError('PEER_CONNECTION_FAILED', 'the peer did not answer')
  if (way === 'refuses each offer with an error of its own') throw new ProxyError('MY_OWN', 'go away')
  if (way === 'says that the peer is not there') throw new ProxyError('NOT_FOUND', 'never heard of it')
  if (way === 'answers rubbish to each offer') return randomBytes(50)
  return FLEET_REQUESTS.OFFER.answer.encode({ offerId: 1, isRefused: false, answer: FALSE_ANSWER })
}
