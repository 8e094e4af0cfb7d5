import { expect, test } from 'vitest'
import { fc } from '../../../../runtime/test/support/properties.js'
import { topicFrom } from '../../../src/util/topic.js'
import { bytes32, createFakeNetwork, type FakeSwarm } from '../../support/fake-swarm.js'

const topic = topicFrom('dedup race')
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 40)
const SWARMS = 4

const start = fc.record({
  atMs: fc.nat(120),
  who: fc.nat(SWARMS - 1),
  whom: fc.nat(SWARMS - 1),
  how: fc.constantFrom('connect' as const, 'joinPeer' as const, 'join' as const)
})
type Start = typeof start extends fc.Arbitrary<infer T> ? T : never
const starts = fc.array(start, { maxLength: 20, size: 'max' })

/** Listening swarms, with the number of connections shown to each per remote key. */
function setUp(extensions: boolean[], latencyMs: number) {
  const fake = createFakeNetwork()
  fake.network.latencyMs = latencyMs
  const swarms = extensions.map((hasExtension, i) => fake.createSwarm({ seed: bytes32(i + 1), hasExtension }))
  const shown = new Map<FakeSwarm, string[]>(swarms.map((swarm) => [swarm, []]))
  for (const swarm of swarms) {
    void swarm.listen()
    swarm.on('connection', ({ remotePublicKey }) => shown.get(swarm)?.push(String(remotePublicKey)))
  }
  return { ...fake, swarms, shown }
}

/** Performs the drawn actions in order of time, then makes all swarms join the topic. */
async function play({ clock, swarms }: ReturnType<typeof setUp>, sequence: Start[]): Promise<void> {
  let nowMs = 0
  for (const { atMs, who, whom, how } of [...sequence].sort((a, b) => a.atMs - b.atMs)) {
    await clock.advance(atMs - nowMs)
    nowMs = atMs
    const [one, other] = [swarms[who], swarms[whom]]
    if (!one || !other || one === other) continue
    if (how === 'join') one.join(topic)
    else if (how === 'joinPeer') one.joinPeer(other.keyPair.publicKey)
    else one.connect(other.keyPair.publicKey).catch(() => {})
  }
  for (const swarm of swarms) swarm.join(topic)
  await clock.advance(60_000)
}

function expectMesh(swarms: FakeSwarm[]): void {
  for (const swarm of swarms) {
    const keys = [...swarm.connections].map(({ remotePublicKey }) => String(remotePublicKey))
    expect([new Set(keys).size, keys.length]).toEqual([SWARMS - 1, SWARMS - 1])
    expect([...swarm.connections].every(({ destroying }) => !destroying)).toBe(true)
    expect(swarm.connecting).toBe(0)
  }
}

// In hyperswarm 4.17, simultaneous dials can surface as connections that are opened and destroyed again.
test('however dials cross, each side is shown exactly one connection per pair', async () => {
  await fc.assert(
    fc.asyncProperty(starts, fc.nat(60), async (sequence, latencyMs) => {
      const stage = setUp(Array(SWARMS).fill(true), latencyMs)
      await play(stage, sequence)
      expectMesh(stage.swarms)
      for (const keys of stage.shown.values()) expect([new Set(keys).size, keys.length]).toEqual([3, 3])
      await stage.destroy()
    }),
    { numRuns: RUNS }
  )
})

test('however dials cross with other implementations, one connection per pair remains on both sides', async () => {
  await fc.assert(
    fc.asyncProperty(starts, fc.nat(60), fc.nat(15), async (sequence, latencyMs, mask) => {
      const stage = setUp(
        Array.from({ length: SWARMS }, (_, i) => (mask & (1 << i)) !== 0),
        latencyMs
      )
      await play(stage, sequence)
      expectMesh(stage.swarms)
      await stage.destroy()
    }),
    { numRuns: RUNS }
  )
})
