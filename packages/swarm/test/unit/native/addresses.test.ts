import { beforeEach, expect, test, vi } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { HyperdhtProbe, type ProbedNode } from '../../../src/native/hyperdht-probe.js'
import type { NodeEvent } from '../../../src/network/dht-node.js'

interface Found {
  readonly address: string
  readonly family: string
  readonly internal: boolean
}

let interfaces: Record<string, Found[]> = {}
vi.mock('node:os', () => ({ networkInterfaces: () => interfaces }))

const loopback = { address: '127.0.0.1', family: 'IPv4', internal: true }
const home = { address: '192.168.1.2', family: 'IPv4', internal: false }
const away = { address: '10.20.0.7', family: 'IPv4', internal: false }
const temporary = { address: '2001:db8::7', family: 'IPv6', internal: false }

beforeEach(() => {
  interfaces = { lo: [loopback], eth0: [home] }
})

/** A node that other nodes see under `seenAs`. */
function setUp() {
  const clock = new FakeClock()
  const seen = { host: '5.9.0.1', port: 1000 }
  const node: ProbedNode = {
    online: true,
    host: '5.9.0.1',
    port: 1000,
    bootstrapNodes: [{ host: '5.9.0.9', port: 49_737 }],
    toArray: () => [{ host: '5.9.0.9', port: 49_737 }],
    ping: async () => ({ to: { ...seen } }),
    udx: { lookup: async () => ({ host: '5.9.0.9' }) },
    remoteAddress: () => null,
    on: (_event: 'wakeup' | NodeEvent) => {},
    removeListener: () => {}
  }
  const probe = new HyperdhtProbe(node, clock)
  const heard = { breaks: 0, moves: 0, suspicions: 0 }
  const unwatch = probe.watch({
    onBreak: () => heard.breaks++,
    onMove: () => heard.moves++,
    onSuspicion: () => heard.suspicions++
  })
  return { clock, heard, probe, seen, unwatch }
}

// HyperDHT looks every five seconds, and until then a machine that had moved sent from where it was not.
test('another address of the machine is a move, noticed within half a second', async () => {
  const { clock, heard, unwatch } = setUp()
  await clock.advance(60_000)
  expect(heard.moves).toBe(0)
  interfaces = { lo: [loopback], eth1: [away] }
  await clock.advance(500)
  expect(heard.moves).toBe(1)
  unwatch()
  interfaces = { lo: [loopback] }
  await clock.advance(60_000)
  expect([heard.moves, clock.liveTimers]).toEqual([1, 0])
})

test('addresses that HyperDHT does not use may change', async () => {
  const { clock, heard, unwatch } = setUp()
  interfaces = { lo: [loopback], eth0: [home, temporary] }
  await clock.advance(1000)
  interfaces = { eth0: [home] }
  await clock.advance(1000)
  expect(heard.moves).toBe(0)
  unwatch()
})

test('a NAT that shows us under another address is a move', async () => {
  const { heard, probe, seen, unwatch } = setUp()
  await probe.ask()
  expect(heard.moves).toBe(0)
  seen.port = 2000
  await probe.ask()
  expect([heard.moves, heard.breaks]).toEqual([1, 0])
  unwatch()
})
