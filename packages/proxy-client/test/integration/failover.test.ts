/** Which of several servers a client continues at when its link is gone. */
import { beforeEach, describe, expect, test } from 'vitest'
import { randomFrom } from '../../../runtime/test/support/random.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { until } from '../../../runtime/test/support/until.js'
import { historyOf } from '../support/history.js'
import { connectionBetween, createRig, type Network } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'
import { echo } from '../support/transfer.js'
import { memory } from '../support/transports.js'

let rig: Network
let [a, b] = [new LinkControl(), new LinkControl()]
beforeEach(() => {
  ;[a, b] = [new LinkControl(), new LinkControl()]
})

/** A client that knows two servers, prefers the first, and is connected to a peer there. */
async function roam(graceMs = 60_000) {
  rig = await createRig({ testnet: null, server: { graceMs } })
  const second = await rig.createServer({ graceMs })
  const topic = freshTopic()
  const peer = rig.createSwarm()
  await peer.join(topic).flushed()
  const door = await memory()(rig.server)
  const first = a.through(door.connect)
  const connect = [first, b.through(second.door.connect)]
  const client = rig.createSwarm({ connect, serverOrder: 'listed' })
  const history = historyOf(client)
  client.join(topic)
  const ends = await connectionBetween(client, peer)
  return { client, ends, history, peer, second }
}

function goDown(...controls: LinkControl[]): void {
  for (const control of controls) {
    control.isDown = true
    control.cut()
  }
}

describe('the server that holds the session', () => {
  // The next server in the list was tried first, and so a short outage of the client's own network ended its session,
  // and with it all connections, in two of three cases.
  test.each([1, 2, 3, 4, 5, 6])(
    'gets it back after an outage of the network, whenever that ends (%i)',
    async (seed) => {
      const { client, ends, history } = await roam()
      goDown(a, b)
      const tries = a.opened + b.opened + randomFrom(seed)(6) + seed
      await until('some attempts', () => a.opened + b.opened >= tries)
      a.isDown = b.isDown = false
      await until('the client is back', () => client.connected)
      expect(history.at(-1)).toBe('resumed')
      await echo(...ends)
    }
  )

  test('is tried first', async () => {
    const { client } = await roam()
    a.cut()
    await until('the client is back', () => client.connected && a.opened === 2)
    expect(b.opened).toBe(0)
  })

  test('does not hold the client up if it is dead: the other server takes over', async () => {
    const { client, history, second } = await roam()
    goDown(a)
    await until('the client is at the other server', () => client.connected && second.server.clients.size === 1)
    // First, and once more when the other server has answered.
    expect([a.opened, b.opened]).toEqual([3, 1])
    expect(history.at(-1)).toBe('new')
  })

  test('does not hold the client up if it answers nothing', async () => {
    const { client, second } = await roam()
    a.isSilent = true
    a.cut()
    await until('the client is at the other server', () => client.connected && second.server.clients.size === 1)
  })

  test('is not preferred once its grace period is over', async () => {
    const { client, second, history } = await roam(200)
    goDown(a, b)
    await until('the session is over', () => client.connections.size === 0)
    b.isDown = a.isDown = false
    await until('the client is back', () => client.connected)
    expect(history.at(-1)).toBe('new')
    expect(second.server.clients.size + rig.server.clients.size).toBeGreaterThan(0)
  })
})

test('when a server closes in order, its clients spread over the others', async () => {
  rig = await createRig({ testnet: null })
  const servers = await Promise.all(Array.from({ length: 4 }, () => rig.createServer()))
  const connect = servers.map(({ door }) => door.connect)
  const random = randomFrom(3)
  const clients = Array.from({ length: 80 }, () =>
    rig.createSwarm({ connect, random: () => random(1_000_000) / 1_000_000 })
  )
  await until('all are connected', () => clients.every((client) => client.connected))
  const sizes = () => servers.map(({ server }) => server.clients.size)
  for (const size of sizes()) expect(size).toBeGreaterThan(8)
  await servers[0]?.server.destroy()
  await until(
    'all are connected again',
    () =>
      sizes()
        .slice(1)
        .reduce((sum, size) => sum + size, 0) === 80
  )
  for (const size of sizes().slice(1)) expect(size).toBeGreaterThan(14)
})
