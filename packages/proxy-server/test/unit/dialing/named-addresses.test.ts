import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import type { DhtAddress, HyperDht } from '../../../src/dht/hyperdht.js'
import { onePerHost, withPacketBudget } from '../../../src/dialing/named-addresses.js'
import { PacketBudget } from '../../../src/dialing/packet-budget.js'

interface Router {
  peerHandshake(target: Uint8Array, message: object, to: DhtAddress): Promise<unknown>
  peerHolepunch(target: Uint8Array, message: object, to: DhtAddress): Promise<unknown>
}

const TARGET = new Uint8Array(32)
const NAMED = { host: '5.5.5.1', port: 1 }
const OTHER = { host: '5.5.5.2', port: 2 }
const MESSAGE = { noise: new Uint8Array(100) }

/** A dial through a node on which every request is noted and then answered as scripted. */
function dialling(named: DhtAddress[], earned: number) {
  const sent: string[] = []
  const script = { isAnswering: true }
  class FakeRouter {
    readonly dht: FakeNode
    constructor(dht: FakeNode) {
      this.dht = dht
    }
    peerHandshake(_target: Uint8Array, message: object, to: DhtAddress): Promise<unknown> {
      return this.dht.request(message, to, {})
    }
    peerHolepunch(_target: Uint8Array, message: object, to: DhtAddress): Promise<unknown> {
      return this.dht.request(message, to, {})
    }
  }
  class FakeNode {
    readonly _router = new FakeRouter(this)
    async request(_message: object, { host }: DhtAddress, { retry = true }: { retry?: boolean }): Promise<void> {
      sent.push(`${host}${retry ? ' with retries' : ''}`)
      if (!script.isAnswering) throw new Error('timeout')
    }
  }
  const budget = new PacketBudget(100, new FakeClock())
  budget.earn(earned)
  const node = withPacketBudget(new FakeNode() as unknown as HyperDht, named, budget)
  const { _router: router } = node as unknown as { _router: Router }
  return { router, script, sent }
}

// One dial sent 36 packets to an address that its client had made up, with eight ports of one host.
test('an address that the client names gets one packet, without retries', async () => {
  const named = [NAMED, { host: '5.5.5.3', port: 3 }]
  const { router, script, sent } = dialling(named, 1000)
  script.isAnswering = false
  await expect(router.peerHandshake(TARGET, MESSAGE, NAMED)).rejects.toThrow('timeout')
  expect(sent).toEqual(['5.5.5.1'])
})

test('the only address gets a second packet if the first is not answered', async () => {
  const { router, script, sent } = dialling([NAMED], 1000)
  await router.peerHandshake(TARGET, MESSAGE, NAMED)
  expect(sent).toHaveLength(1)
  script.isAnswering = false
  await expect(router.peerHandshake(TARGET, MESSAGE, NAMED)).rejects.toThrow('timeout')
  expect(sent).toEqual(['5.5.5.1', '5.5.5.1', '5.5.5.1'])
})

test('beyond the budget it gets none; nodes that the DHT named are asked as usual', async () => {
  const { router, sent } = dialling([NAMED], 30)
  await expect(router.peerHandshake(TARGET, MESSAGE, NAMED)).rejects.toMatchObject({ code: 'PEER_CONNECTION_FAILED' })
  expect(sent).toEqual([])
  await router.peerHandshake(TARGET, MESSAGE, OTHER)
  expect(sent).toEqual(['5.5.5.2 with retries'])
})

// The relays of a hole punch are in a payload that the client can make up.
test('a node that has not answered in this dial gets one packet for a hole punch, within the budget', async () => {
  const { router, sent } = dialling([NAMED], 150)
  await router.peerHolepunch(TARGET, {}, OTHER)
  await expect(router.peerHolepunch(TARGET, {}, OTHER)).rejects.toMatchObject({ code: 'PEER_CONNECTION_FAILED' })
  await router.peerHandshake(TARGET, MESSAGE, OTHER)
  await router.peerHolepunch(TARGET, {}, OTHER)
  expect(sent).toEqual(['5.5.5.2', '5.5.5.2 with retries', '5.5.5.2 with retries'])
})

test('of the addresses of one host, the first counts', () => {
  const more = { host: NAMED.host, port: 9 }
  expect(onePerHost([NAMED, OTHER, more])).toEqual([NAMED, OTHER])
  expect(onePerHost([OTHER, more, NAMED])).toEqual([OTHER, more])
})
