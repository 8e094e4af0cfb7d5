/**
 * A typo in a bootstrap node later ended the process with an internal error of an encoder, or silently left the swarm
 * alone, because HyperDHT does not check its input.
 */
import { Swarm, type SwarmOptions } from '@swarmway/swarm'
import { expect, test } from 'vitest'
import { isBootstrapNode, isSendable } from '../../../src/network/node-address.js'

const GOOD = [
  '127.0.0.1:49737',
  'dht.example:1',
  'localhost:65535',
  'a_b.example.:80',
  'bücher.example:80',
  '192.0.2.7@dht.example:49737',
  { host: '127.0.0.1', port: 1 },
  { host: 'dht.example', port: 65_535 },
  { host: '192.0.2.7@dht.example', port: 1 }
]
const BAD: unknown[] = [
  '',
  ':',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:abc',
  '127.0.0.1:0',
  '127.0.0.1:00',
  '127.0.0.1:99999',
  '127.0.0.1:65536',
  '127.0.0.1:-1',
  '127.0.0.1:1.5',
  '127.0.0.1:1e3',
  '127.0.0.1:+1',
  '127.0.0.1: 1',
  '127.0.0.1 :1',
  ' 127.0.0.1:1',
  '127.0.0.1:1 ',
  '127.0.0.1:1\n',
  '127.0.0.1:49737:1',
  ':49737',
  '127.0.0:1',
  '256.0.0.1:1',
  '127.0.0.1.:1',
  '1:1',
  '-:1',
  '[::1]:49737',
  '::1:49737',
  'dht://a.example:1',
  'a.example/b:1',
  '@dht.example:1',
  '127.0.0.1@:1',
  'other.example@dht.example:1',
  '127.0.0.1@127.0.0.2@dht.example:1',
  49737,
  null,
  undefined,
  {},
  [],
  { host: '127.0.0.1' },
  { port: 1 },
  { host: '127.0.0.1', port: 0 },
  { host: '127.0.0.1', port: '1' },
  { host: '127.0.0.1', port: 1.5 },
  { host: '127.0.0.1', port: Number.NaN },
  { host: '127.0.0.1', port: 65_536 },
  { host: '', port: 1 },
  { host: '127.0.0.1:1', port: 1 },
  { host: '::1', port: 1 },
  { host: null, port: 1 }
]

test.each(GOOD)('%j is a bootstrap node', (node) => {
  expect(isBootstrapNode(node)).toBe(true)
})

test.each(BAD)('%j is not, and the error names the index of the entry', (node) => {
  expect(isBootstrapNode(node)).toBe(false)
  const options = { bootstrap: ['127.0.0.1:1', node] } as SwarmOptions
  expect(() => new Swarm(options)).toThrowError(
    expect.objectContaining({
      name: 'TypeError',
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^bootstrap\[1\] must be/)
    })
  )
})

test('the message contains the given value', () => {
  expect(() => new Swarm({ bootstrap: ['127.0.0.1:abc'] })).toThrowError(/got "127\.0\.0\.1:abc"$/)
  expect(() => new Swarm({ bootstrap: [{ host: 'a.example', port: 0 }] })).toThrowError(/got "a\.example:0"$/)
})

// HyperDHT does not look these names up.
test.each([{ host: 'dht.example', port: 1 }, { host: '127.0.0.1', port: 0 }, '127.0.0.1:1'])(
  '%j is not a node to fill the routing table with',
  (node) => {
    const options = { nodes: [node] } as SwarmOptions
    expect(() => new Swarm(options)).toThrowError(/^nodes\[0\] must be/)
  }
)

test('a usable address is an IPv4 address with a port', () => {
  const ports = [1, 65_535].map((port) => ({ host: '192.0.2.255', port }))
  for (const address of ports) expect(isSendable(address)).toBe(true)
  const hosts = ['', 'a.example', '::1', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.4.', '.1.2.3.4']
  for (const host of hosts) expect(isSendable({ host, port: 1 })).toBe(false)
  for (const other of [null, 1, 'text', {}, { host: 1, port: 1 }]) expect(isSendable(other)).toBe(false)
})
