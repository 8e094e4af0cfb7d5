import { expect, test } from 'vitest'
import { isLoopback, networkOf, siteOf } from '../../../src/fairness/network-of.js'

const same: [what: string, addresses: string[], network: string][] = [
  [
    'an IPv4 address, however it is written',
    ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:c000:207', '0:0:0:0:0:ffff:192.0.2.7', '[::ffff:192.0.2.7]:443'],
    '192.0.2.7'
  ],
  ['with a port, as some reverse proxies write it', ['192.0.2.7:4711', '192.0.2.7:1'], '192.0.2.7'],
  [
    'an IPv6 /64',
    ['2001:db8:1:2::1', '2001:DB8:01:2:ffff::', '[2001:db8:1:2::9]:443', '2001:db8:1:2::9%eth0'],
    '2001:db8:1:2'
  ],
  ['what is not an address', ['unknown'], 'unknown']
]

test.each(same)('%s is one network', (_, addresses, network) => {
  for (const address of addresses) expect(networkOf(address), address).toBe(network)
})

test('the /64 of a /48 are networks of one site, and other networks are a site each', () => {
  const addresses = Array.from({ length: 0x10000 }, (_, i) => `2001:db8:1:${i.toString(16)}::1`)
  const networks = new Set(addresses.map(networkOf))
  expect(networks.size).toBe(65_536)
  expect(new Set([...networks].map(siteOf))).toEqual(new Set(['2001:db8:1']))
  expect(siteOf(siteOf('2001:db8:1:2'))).toBe('2001:db8:1')
  const others = ['192.0.2.7', '::1', '64:ff9b::192.0.2.7', 'unknown'].map(networkOf)
  expect(others.map(siteOf)).toEqual(others)
})

// All clients that a translator connected to an IPv6-only server were one network. Of mapped addresses that are written with
// all their zeros, only the first octet counted.
test('IPv4 clients of an IPv6-only server are a network each', () => {
  const clients = ['64:ff9b::192.0.2.7', '64:ff9b::c000:208', '64:ff9b:0::192.0.2.9', '64:ff9b::127.0.0.1']
  expect(new Set(clients.map(networkOf)).size).toBe(4)
  expect(networkOf('64:ff9b::c000:207')).toBe(networkOf('64:ff9b::192.0.2.7'))
  expect(clients.map((client) => isLoopback(networkOf(client)))).toEqual(Array(4).fill(false))
  expect(networkOf('0:0:0:0:0:ffff:198.51.100.7')).not.toBe(networkOf('0:0:0:0:0:ffff:198.18.100.7'))
})

test('no address from elsewhere passes for this machine', () => {
  expect(['127.0.0.1', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'].map((one) => isLoopback(networkOf(one)))).toEqual(
    Array(4).fill(true)
  )
  expect(['::ffff:c000:207', '64:ff9b::7f00:1', '2001:db8::1'].map((one) => isLoopback(networkOf(one)))).toEqual(
    Array(3).fill(false)
  )
})
