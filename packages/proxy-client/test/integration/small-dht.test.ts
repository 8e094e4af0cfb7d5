import { describe, expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { connectionBetween, createRig, type Network, useTestnet } from '../support/rig.js'
import { memory } from '../support/transports.js'

// In a DHT of two or three nodes no hole punch succeeds, as too few nodes can tell either side its address. Native peers
// then meet on the local network, which a proxy server did not try: each dial ended as UNCONFIRMED.
describe.each([2, 3])('in a DHT of %i nodes', (size) => {
  const testnet = useTestnet(size)

  test('a client reaches a native peer', async () => {
    const rig = await createRig({ testnet: testnet() })
    const topic = freshTopic()
    const native = rig.createNative()
    await native.join(topic, { client: false }).flushed()
    const client = rig.createSwarm()
    client.join(topic, { server: false })
    const [near] = await connectionBetween(client, native)
    expect(near.isInitiator).toBe(true)
    expect(client.stats.dials['UNCONFIRMED']).toBeUndefined()
  })

  test('a native peer reaches a client', async () => {
    const rig = await createRig({ testnet: testnet() })
    const topic = freshTopic()
    const client = rig.createSwarm()
    await client.join(topic, { client: false }).flushed()
    const native = rig.createNative()
    native.join(topic, { server: false })
    const [near] = await connectionBetween(client, native)
    expect(near.isInitiator).toBe(false)
  })

  // hyperswarm also shows connections that are open on one side only: what counts is that data arrives.
  test.each([
    ['a client', (rig: Network) => rig.createSwarm()],
    ['another hyperswarm peer, as without a proxy', (rig: Network) => rig.createHyperswarm()]
  ])('a hyperswarm peer reaches %s', async (_, create) => {
    const rig = await createRig({ testnet: testnet() })
    const topic = freshTopic()
    const listening = create(rig)
    listening.on('connection', (connection) => connection.on('error', ignore).write('hello'))
    await listening.join(topic, { client: false }).flushed()
    const dialling = rig.createHyperswarm()
    const received: string[] = []
    dialling.on('connection', (connection) => connection.on('data', (data) => received.push(String(data))))
    dialling.join(topic, { server: false })
    await until('data from the peer that was dialled', () => received.includes('hello'))
  })
})

// The local network was also used where hole punches succeed. HyperDHT then tries both ways at once, and over a link with
// some delay the two sides took different ones: all but one of several dials ended as UNCONFIRMED.
test('in a DHT of 4 nodes several native peers reach a client behind a slow link at once', async () => {
  const transport = memory({ bytesPerMs: 4000, buffered: { bytes: 0 } })
  const rig = await createRig({ transport })
  const client = rig.createSwarm()
  await client.listen()
  const natives = Array.from({ length: 4 }, () => rig.createNative())
  await Promise.all(natives.map((native) => native.connect(client.keyPair.publicKey)))
  expect(client.connections.size).toBe(4)
})

function ignore(): void {}
