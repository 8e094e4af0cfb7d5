import { createSocket } from 'node:dgram'
import { createRequire } from 'node:module'
import { createKeyPair } from '@swarmway/swarm/core'
import { guardNode } from '@swarmway/swarm/hyperdht'
import { expect, onTestFinished, test, vi } from 'vitest'
import { FakeClock } from '../../../runtime/test/support/fake-clock.js'
import { until } from '../../../runtime/test/support/until.js'
import { HolePunches } from '../../src/dht/hole-punches.js'
import type { DhtAddress, HyperDht } from '../../src/dht/hyperdht.js'
import { makeServer } from '../support/servers.js'
import { codeOf, TestClient } from '../support/test-client.js'
import { HOST, testnet } from '../support/testnet.js'

interface Holepuncher {
  readonly nat: { firewall: number }
  readonly destroyed: boolean
  ping(to: DhtAddress): Promise<boolean>
  openSession(to: DhtAddress): Promise<boolean>
  updateRemote(remote: { punching: boolean; firewall: number; addresses: DhtAddress[]; verified: string }): void
  punch(): Promise<boolean>
  destroy(): void
}

interface Pooled {
  readonly _socketPool: {
    acquire(): { release(): void; socket: { send(bytes: Uint8Array, port: number, host: string): Promise<boolean> } }
  }
}

const Holepuncher = createRequire(import.meta.url)('hyperdht/lib/holepuncher.js') as new (
  dht: HyperDht,
  session: object,
  isInitiator: boolean
) => Holepuncher
const [CONSISTENT, RANDOM] = [2, 3]
const OTHER_HOST = '127.0.0.2'
const PUNCH = Uint8Array.of(0)

async function receiver(host: string) {
  let count = 0
  const socket = createSocket('udp4').on('message', () => count++)
  await new Promise<void>((resolve) => socket.bind(0, host, resolve))
  onTestFinished(() => new Promise<void>((resolve) => void socket.close(resolve)))
  return { address: { host, port: socket.address().port }, count: () => count }
}

async function puncher({ perMinute = 100, mayContact = (_: string | null) => true, onLimit = () => {} }) {
  const dht = (await testnet()).node() as unknown as HyperDht
  guardNode(dht)
  const options = { clock: new FakeClock(), addresses: { mayContact }, perMinute, onLimit }
  const owner = () => ({ network: '192.0.2.1' })
  const punches = new HolePunches({ ...options, owner, punchPace: { mayBegin: () => true, count: () => {} } })
  const puncher = new Holepuncher(punches.nodeFor(dht), dht.session(), true)
  onTestFinished(() => puncher.destroy())
  return puncher
}

// HyperDHT asks its hook about the first addresses that a peer names, and punches holes at those of later messages too.
test('no hole is punched at an address that may not be contacted, whenever the peer names it', async () => {
  const [here, forbidden] = [await receiver(HOST), await receiver(OTHER_HOST)]
  const punching = await puncher({ mayContact: (host) => host === HOST })
  expect(await punching.openSession(forbidden.address)).toBe(false)
  expect(await punching.ping(forbidden.address)).toBe(false)
  const addresses = [forbidden.address, here.address]
  punching.nat.firewall = CONSISTENT
  punching.updateRemote({ punching: true, firewall: CONSISTENT, addresses, verified: HOST })
  expect(await punching.punch()).toBe(true)
  await until(() => here.count() > 0)
  expect(forbidden.count()).toBe(0)
})

test('holes at random ports count as well', async () => {
  // 1750 packets went to one host, and no limit knew of them.
  let tooMany = 0
  const punching: Holepuncher = await puncher({
    perMinute: 3,
    onLimit: () => {
      tooMany++
      punching.destroy()
    }
  })
  punching.nat.firewall = CONSISTENT
  punching.updateRemote({ punching: true, firewall: RANDOM, addresses: [{ host: HOST, port: 1 }], verified: HOST })
  expect(await punching.punch()).toBe(true)
  await until(() => punching.destroyed)
  expect(tooMany).toBe(1)
})

test('maxPunchPacketsPerMinute ends the dial of a client that has used them up, and no dial of others', async () => {
  const dht = (await testnet()).node() as unknown as HyperDht
  const limits = { maxPunchPacketsPerMinute: 3 }
  const server = makeServer({ dht, allowPrivateAddresses: true, limits })
  const peer = await receiver(HOST)
  vi.spyOn(dht, 'connect').mockImplementation(function (this: unknown, _key, { createSecretStream }) {
    const { socket, release } = acquire(this)
    const stream = createSecretStream(true, null, {})
    void (async () => {
      for (let i = 0; i < 3; i++) await socket.send(PUNCH, peer.address.port, HOST)
      if (!(await socket.send(PUNCH, peer.address.port, HOST))) return
      stream.destroy(Object.assign(new Error(), { code: 'NOT_LIMITED' }))
    })().finally(release)
    return stream
  })
  for (const expected of [3, 6]) {
    const client = await TestClient.connect(server)
    expect(await codeOf(client.dial(createKeyPair().publicKey))).toBe('PEER_CONNECTION_FAILED')
    await until(() => peer.count() === expected)
  }
  expect(server.stats.limitHits).toEqual({ maxPunchPacketsPerMinute: 2 })
})

// A client had 1750 packets sent to anybody with each new session, for a thousand bytes of its own.
test('a network has four times as many packets sent, however many sessions its clients begin', async () => {
  const dht = (await testnet()).node() as unknown as HyperDht
  const server = makeServer({ dht, allowPrivateAddresses: true, limits: { maxPunchPacketsPerMinute: 3 } })
  const createServer = vi.spyOn(dht, 'createServer')
  const peer = await receiver(HOST)
  const punch = async (client: TestClient) => {
    await client.listen()
    const { release, socket } = acquire(createServer.mock.contexts.at(-1))
    const given: boolean[] = []
    for (let i = 0; i < 4; i++) given.push(await socket.send(PUNCH, peer.address.port, HOST))
    release()
    client.cut()
    return given.filter((wasSent) => wasSent).length
  }
  const counts: number[] = []
  for (let i = 0; i < 6; i++)
    counts.push(await punch(await TestClient.connect(server, { remoteAddress: `2001:db8::${i}` })))
  expect(counts).toEqual([3, 3, 3, 3, 0, 0])
  expect(await punch(await TestClient.connect(server, { remoteAddress: '198.51.100.1' }))).toBe(3)
})

test('strangers who dial a client have no more packets sent either', async () => {
  const dht = (await testnet()).node() as unknown as HyperDht
  const server = makeServer({ dht, allowPrivateAddresses: true, limits: { maxPunchPacketsPerMinute: 2 } })
  const createServer = vi.spyOn(dht, 'createServer')
  const client = await TestClient.connect(server)
  await client.listen()
  const peer = await receiver(HOST)
  const given: boolean[] = []
  for (let i = 0; i < 4; i++) {
    const { release, socket } = acquire(createServer.mock.contexts[0])
    given.push(await socket.send(PUNCH, peer.address.port, HOST))
    release()
  }
  expect(given).toEqual([true, true, false, false])
  expect(server.stats.limitHits).toEqual({ maxPunchPacketsPerMinute: 2 })
})

function acquire(node: unknown) {
  const ref = (node as Pooled)._socketPool.acquire()
  return { socket: ref.socket, release: () => ref.release() }
}
