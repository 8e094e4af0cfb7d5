/** Connection limits while connections race in from both sides, checked on every event and in every turn. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import type { Swarm } from '../../src/native/swarm.js'
import { type CommonOptions, type Dht, HyperDHT, hex, remoteOf, Testnet } from './support.js'

const testnet = Testnet.use()

const ACCEPTED = ({ connections, peers }: Swarm) =>
  [...connections].filter((connection) => !peers.get(remoteOf(connection) as never)?.client).length
const DIALLED = (swarm: Swarm) => swarm.connections.size - ACCEPTED(swarm)

describe('a swarm with limits, 100 peers that it finds and 100 that find it', () => {
  const LIMITS = { maxPeers: 20, maxClientConnections: 12, maxServerConnections: 10 }

  test('never exceeds a limit while connections come and go', async () => {
    const { limited, watch, targets, diallers } = await crowd(LIMITS)
    let killed = 0
    limited.on('connection', (connection) => {
      // The first hundred die as soon as they open, so that places are freed all the time.
      if (++killed <= 100) connection.destroy()
    })
    join(limited, targets, diallers)
    await until('the places to be taken', () => killed >= 150 || isFull(limited))
    await until('the places to be taken', () => isFull(limited))

    expect(watch.violations).toEqual([])
    expect(watch.mostPeers).toBe(20)
    expect(watch.mostAccepted).toBeGreaterThan(0)
    expect(watch.mostDialled).toBeGreaterThan(0)
    await until('some to be refused', () => limited.stats.limitRefusals > 0)
    expect(watch.violations).toEqual([])
  })

  test('peers asked for by key are not counted', async () => {
    const { limited, watch, targets, diallers } = await crowd(LIMITS)
    join(limited, targets, diallers)
    await until('the places to be taken', () => isFull(limited))

    const [first, second] = await testnet.readyNodes(2)
    const explicit = testnet.swarm({ dht: first as Dht })
    const asked = testnet.swarm({ dht: second as Dht })
    await Promise.all([explicit.listen(), asked.listen()])
    limited.joinPeer(explicit.keyPair.publicKey)
    await limited.connect(asked.keyPair.publicKey)
    const remotes = () => [...limited.connections].map(remoteOf)
    await until('the explicit peer', () => remotes().includes(hex(explicit.keyPair.publicKey)))
    expect(remotes()).toContain(hex(asked.keyPair.publicKey))
    expect(watch.mostPeers).toBeLessThanOrEqual(LIMITS.maxPeers + 2)
    expect(limited.connections.size).toBeGreaterThanOrEqual(LIMITS.maxPeers)
  })

  const isFull = (swarm: Swarm) => swarm.connections.size >= LIMITS.maxPeers
})

test.each<[string, CommonOptions, (swarm: Swarm) => number]>([
  ['maxClientConnections', { maxClientConnections: 3 }, DIALLED],
  ['maxServerConnections', { maxServerConnections: 3 }, ACCEPTED],
  ['maxPeers', { maxPeers: 3 }, (swarm) => swarm.connections.size]
])('%s alone is enforced', async (name, options, count) => {
  const { limited, targets, diallers } = await crowd(options, 2, 10)
  let most = 0
  limited.on('update', () => {
    most = Math.max(most, count(limited))
  })
  join(limited, targets, diallers)
  await until(`${name} connections`, () => count(limited) === 3)
  await limited.flush()
  expect(most).toBe(3)
})

test("a topic's limit is enforced among peers that prove the topic, whichever side dials", async () => {
  const { limited, targets, diallers } = await crowd({}, 2, 20)
  const topic = freshTopic()
  let most = 0
  limited.on('update', () => {
    most = Math.max(most, limited.connections.size)
  })
  for (const target of targets) target.join(topic, { client: false })
  await Promise.all(targets.map((target) => target.flush()))
  limited.join(topic, { limit: 5 })
  await until('the first connection', () => limited.connections.size > 0)
  for (const dialler of diallers) dialler.join(topic, { server: false })
  await Promise.all(diallers.map((dialler) => dialler.flush()))
  await until('the limit to be reached', () => limited.connections.size === 5)
  await limited.flush()
  expect(most).toBe(5)
})

test('a refused dialler learns of it at once', async () => {
  const [nodeA, nodeB] = await testnet.readyNodes(2)
  const full = testnet.swarm({ dht: nodeA as Dht, maxServerConnections: 0 })
  const dialler = testnet.swarm({ dht: nodeB as Dht })
  const topic = freshTopic()
  await full.join(topic, { client: false }).flushed()
  const failure = new Promise<object>((resolve) => dialler.once('dial-error', resolve))
  dialler.join(topic, { server: false })
  // A handshake that is left unanswered also fails, but seconds later and with another code.
  expect(await failure).toMatchObject({ code: 'REMOTE_FULL', stage: 'refused', attempt: 1 })
  expect(dialler.stats.dials).toMatchObject({ REMOTE_FULL: 1 })
  expect(full.stats.limitRefusals).toBe(1)
  await expect(dialler.connect(full.keyPair.publicKey)).rejects.toMatchObject({ code: 'REMOTE_FULL' })
})

test('a full swarm refuses a plain HyperDHT dialler as well', async () => {
  const full = testnet.swarm({ maxServerConnections: 0 })
  await full.listen()
  const dial = testnet.node().connect(full.keyPair.publicKey)
  const error = await new Promise<object>((resolve) => dial.once('error', resolve))
  expect(error).toMatchObject({ code: 'SERVER_ERROR' })
})

/** A limited swarm, peers for it to find and peers that find it. Twenty peers share a node. */
async function crowd(options: CommonOptions, nodeCount = 10, count = 200) {
  const nodes = await testnet.readyNodes(nodeCount + 1)
  const limited = testnet.swarm({ ...options, dht: nodes[0] as Dht })
  const peers = Array.from({ length: count }, (_, i) =>
    testnet.swarm({ dht: nodes[1 + (i % nodeCount)] as Dht, keyPair: HyperDHT.keyPair(), maxQueries: 3 })
  )
  return {
    limited,
    watch: watchLimits(limited, options),
    targets: peers.slice(0, count / 2),
    diallers: peers.slice(count / 2)
  }
}

/** Both halves of the crowd start connecting to the limited swarm at once. */
function join(limited: Swarm, targets: Swarm[], diallers: Swarm[]): void {
  const [toFind, toBeFound] = [freshTopic(), freshTopic()]
  for (const target of targets) target.join(toFind, { client: false })
  for (const dialler of diallers) dialler.join(toBeFound, { server: false })
  limited.join(toFind, { server: false })
  limited.join(toBeFound, { client: false })
}

function watchLimits(swarm: Swarm, limits: CommonOptions) {
  const { maxPeers = Infinity, maxClientConnections = Infinity, maxServerConnections = Infinity } = limits
  const watch = { mostPeers: 0, mostAccepted: 0, mostDialled: 0, violations: [] as string[] }
  const look = () => {
    const [peers, accepted, dialled] = [swarm.connections.size, ACCEPTED(swarm), DIALLED(swarm)]
    watch.mostPeers = Math.max(watch.mostPeers, peers)
    watch.mostAccepted = Math.max(watch.mostAccepted, accepted)
    watch.mostDialled = Math.max(watch.mostDialled, dialled)
    const isWithin = accepted <= maxServerConnections && dialled + swarm.connecting <= maxClientConnections
    if (peers > maxPeers || !isWithin) watch.violations.push(`${peers} peers, ${accepted} in, ${dialled} out`)
  }
  swarm.on('connection', look)
  swarm.on('update', look)
  let sampler = setImmediate(function sample() {
    look()
    sampler = setImmediate(sample)
  })
  onTestFinished(() => clearImmediate(sampler))
  return watch
}
