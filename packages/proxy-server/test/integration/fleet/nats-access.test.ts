/** How a fleet gets access to its broker: certificates, credentials, tokens. */
import { describe, expect, test } from 'vitest'
import { until } from '../../../../runtime/test/support/until.js'
import type { ProxyServer } from '../../../src/index.js'
import { type NatsFleetOptions, nats } from '../../../src/nats/index.js'
import {
  accountWithUser,
  authority,
  opensslObstacle,
  temporaryFolder,
  written
} from '../../support/broker-credentials.js'
import { untilMet } from '../../support/fleet.js'
import { NatsServer, natsObstacle } from '../../support/nats-server.js'
import { makeServer } from '../../support/servers.js'

const obstacle = natsObstacle() ?? opensslObstacle()
if (obstacle !== null) console.warn(`skipped: access to NATS (${obstacle})`)

function serverAt(servers: string, name: string, options: Partial<NatsFleetOptions> = {}): ProxyServer {
  return makeServer({ dht: null, fleet: nats({ servers, name, linkHost: '127.0.0.1', ...options }) })
}

const isOnline = ({ stats }: ProxyServer) => stats.fleet?.brokerOnline === 1

const tlsUrl = ({ port }: NatsServer) => `tls://localhost:${port}`

describe.skipIf(obstacle !== null)('a broker with TLS', () => {
  test('is reached with its authority, and not without', async () => {
    const folder = temporaryFolder()
    const own = authority(folder)
    const { cert, key } = own.sign('broker')
    const broker = await NatsServer.start('--tls', '--tlscert', cert, '--tlskey', key)
    const url = tlsUrl(broker)
    const trusting = (ca: string) => ({ connection: { tls: { caFile: ca } } })
    const wrong = [serverAt(url, 'c'), serverAt(url, 'd', trusting(authority(folder, 'other').cert))]
    await untilMet([serverAt(url, 'a', trusting(own.cert)), serverAt(url, 'b', trusting(own.cert))])
    expect(wrong.map(isOnline)).toEqual([false, false])
  })

  // The NATS client compares the certificate of a server at an address with the name `localhost`.
  test.each([
    ['its address', 'IP:127.0.0.1', true],
    ['another address', 'IP:127.0.0.2', false],
    ['a name', 'DNS:localhost', false]
  ])('at an address, whose certificate has %s', async (_, host, isRight) => {
    const own = authority(temporaryFolder())
    const { cert, key } = own.sign('broker', host)
    const broker = await NatsServer.start('--tls', '--tlscert', cert, '--tlskey', key)
    const url = broker.url.replace('nats:', 'tls:')
    const server = serverAt(url, 'a', { connection: { tls: { caFile: own.cert } } })
    const errors: Error[] = []
    server.on('fleet-error', (error) => errors.push(error))
    await until('it is decided', () => isOnline(server) || errors.length > 0)
    expect([isOnline(server), errors.map(({ message }) => message)]).toEqual(
      isRight ? [true, []] : [false, [expect.stringContaining('does not match')]]
    )
  })

  test('that asks for certificates lets in whom its authority has signed', async () => {
    const folder = temporaryFolder()
    const own = authority(folder)
    const { cert, key } = own.sign('broker')
    const flags = ['--tlscert', cert, '--tlskey', key, '--tlscacert', own.cert]
    const broker = await NatsServer.start('--tlsverify', ...flags)
    const url = tlsUrl(broker)
    const as = (name: string, signed: { cert: string; key: string } | null) => {
      const files = signed === null ? {} : { certFile: signed.cert, keyFile: signed.key }
      // The NATS client notices a refused certificate only by its timeout.
      return serverAt(url, name, { connection: { timeout: 2000, tls: { caFile: own.cert, ...files } } })
    }
    const wrong = [as('c', null), as('d', authority(folder, 'other').sign('d'))]
    await untilMet([as('a', own.sign('a')), as('b', own.sign('b'))])
    expect(wrong.map(isOnline)).toEqual([false, false])
  })
})

describe.skipIf(obstacle !== null)('a broker with accounts', () => {
  test('lets in whom it has given credentials', async () => {
    const [own, other] = [accountWithUser(), accountWithUser()]
    const config = written(temporaryFolder(), 'nats.conf', own.config)
    const broker = await NatsServer.start('-c', config)
    const withCreds = (creds: string) => ({ creds: Buffer.from(creds) })
    const wrong = [serverAt(broker.url, 'c'), serverAt(broker.url, 'd', withCreds(other.creds))]
    await untilMet([serverAt(broker.url, 'a', withCreds(own.creds)), serverAt(broker.url, 'b', withCreds(own.creds))])
    expect(wrong.map(isOnline)).toEqual([false, false])
  })

  test('or a token, in the URL', async () => {
    const broker = await NatsServer.start('--auth', 'a token')
    const at = (token: string) => broker.url.replace('//', `//${token}@`)
    const wrong = [serverAt(broker.url, 'c'), serverAt(at('another'), 'd')]
    await untilMet([serverAt(at('a%20token'), 'a'), serverAt(at('a%20token'), 'b')])
    expect(wrong.map(isOnline)).toEqual([false, false])
  })
})
