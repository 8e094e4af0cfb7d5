import { type Connection, topicFrom } from '@swarmway/proxy-client'
import { expect, test } from 'vitest'
import { type Methods, RpcPeer } from '../rpc/rpc.ts'
import { createSwarms } from './swarms.ts'

const METHODS: Methods = {
  add: (value) => (value as number[]).reduce((sum, one) => sum + one, 0),
  fail: () => {
    throw new Error('the cellar is flooded')
  },
  never: () => new Promise(() => {})
}

async function meet(methods: Methods): Promise<{ peer: RpcPeer; connection: Connection }> {
  const [answering, asking] = await createSwarms(2)
  if (!answering || !asking) throw new Error('two are needed')
  answering.on('connection', (connection) => void new RpcPeer(connection, methods))
  const met = new Promise<{ peer: RpcPeer; connection: Connection }>((resolve) => {
    asking.on('connection', (connection) => resolve({ connection, peer: new RpcPeer(connection) }))
  })
  for (const swarm of [answering, asking]) swarm.join(topicFrom('recipes: rpc'))
  return met
}

test('a method is asked and answers; unknown ones, errors and silence reject', async () => {
  const { peer } = await meet(METHODS)
  expect(await peer.ask('add', [1, 2, 3])).toBe(6)
  await expect(peer.ask('subtract', [1])).rejects.toMatchObject({ code: 'UNKNOWN_METHOD' })
  await expect(peer.ask('fail', null)).rejects.toMatchObject({
    code: 'REQUEST_ERROR',
    cause: { message: 'the cellar is flooded' }
  })
  await expect(peer.ask('never', null, 50)).rejects.toMatchObject({ code: 'TIMEOUT_EXCEEDED' })
  expect(await peer.ask('add', [4])).toBe(4)
})

test('a request that waits when the connection closes rejects', async () => {
  const { connection, peer } = await meet(METHODS)
  const waiting = peer.ask('never', null)
  connection.destroy()
  await expect(waiting).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' })
})
