/** A proxied swarm works the same over every duplex. */
import { describe, expect, test } from 'vitest'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { connectionBetween, createRig, useTestnet } from '../support/rig.js'
import { closed, echo, exchange } from '../support/transfer.js'
import { TRANSPORTS } from '../support/transports.js'

const TRANSFER_BYTES = 1024 * 1024
/** Fewer bytes where each byte is an event of its own. */
const TRANSFER_BYTES_BYTEWISE = 256 * 1024

const testnet = useTestnet()

describe.each(Object.entries(TRANSPORTS))('over %s', (name, transport) => {
  const bytes = name.includes('one byte') ? TRANSFER_BYTES_BYTEWISE : TRANSFER_BYTES

  test('two clients and a native peer meet on a topic, talk, and part', async () => {
    const rig = await createRig({ testnet: testnet(), transport })
    const [a, b, native] = [rig.createSwarm(), rig.createSwarm(), rig.createNative()]
    const topic = freshTopic()
    for (const swarm of [a, b, native]) swarm.join(topic)
    const pairs = await Promise.all([
      connectionBetween(a, b),
      connectionBetween(a, native),
      connectionBetween(native, b)
    ])
    for (const [near, far] of pairs) await echo(near, far)
    for (const [near, far] of pairs) await exchange(near, far, bytes)
    await a.destroy()
    await Promise.all(
      pairs
        .flat()
        .filter((end) => end.destroying)
        .map(closed)
    )
    await until('the others have noticed', () => b.connections.size === 1 && native.connections.size === 1)
    await until('the server has ended the session', () => rig.server.clients.size === 1)
    expect(rig.server.stats).toMatchObject({ bufferedBytes: 0, denied: {} })
  })
})
