import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { DARK } from '../support/net.js'
import { metricsOf, startProxy } from './support/proxy.js'

async function healthOf(url: string): Promise<unknown> {
  return (await fetch(`${url}/health`)).json()
}

// A proxy whose network lets no UDP through looked well everywhere, and its clients found nobody.
test('a DHT that does not answer is in the log, in /health and in the metrics', async () => {
  const proxy = await startProxy({ rendezvousOnly: false, bootstrap: [DARK.bootstrap], dhtHost: DARK.host })
  expect(await healthOf(proxy.http)).toEqual({ status: 'ok', dht: 'online' })
  await until('the log says so', () => proxy.log.some(({ msg }) => msg.includes('the DHT does not answer')))
  expect(await healthOf(proxy.http)).toEqual({ status: 'ok', dht: 'offline' })
  expect(await healthOf(proxy.admin)).toEqual({ status: 'ok', dht: 'offline' })
  expect((await metricsOf(proxy.admin)).get('swarmway_proxy_dht_online')).toBe(0)
})

test('/health says that there is no DHT', async () => {
  const proxy = await startProxy()
  expect(await healthOf(proxy.http)).toEqual({ status: 'ok', dht: 'off' })
})
