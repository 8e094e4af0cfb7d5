import { topicFrom } from '@swarmway/swarm'
import { expect } from 'vitest'
import type { AnySwarm } from '../support/network.ts'
import { ProtomuxRpc, type Rpc, type Store } from '../support/packages.ts'
import { createStore } from '../support/storage.ts'

/** Requests both ways, on connections that also carry a replication: each connection has one multiplexer. */
export async function callByRpc(answering: AnySwarm, asking: AnySwarm): Promise<void> {
  const [store, copies] = [createStore(), createStore()]
  const core = store.get({ name: 'beside' })
  await core.append([Buffer.from('a block')])
  const [answerer, asker] = [rpcOn(answering, store), rpcOn(asking, copies)]
  const topic = topicFrom(`rpc ${Math.random()}`)
  await answering.join(topic, { client: false, server: true }).flushed()
  asking.join(topic, { client: true, server: false })

  const [answers, asks] = [await answerer, await asker]
  expect(String(await asks.request('shout', Buffer.from('hello')))).toBe('HELLO')
  expect(String(await answers.request('shout', Buffer.from('back')))).toBe('BACK')
  await expect(asks.request('unknown', Buffer.alloc(0))).rejects.toMatchObject({ code: 'UNKNOWN_METHOD' })
  expect(String(await copies.get(core.key).get(0))).toBe('a block')
}

/** Opens the channel in the event of the first connection: requests that arrive before it are rejected. */
function rpcOn(swarm: AnySwarm, store: Store): Promise<Rpc> {
  return new Promise((resolve) => {
    swarm.on('connection', (connection) => {
      store.replicate(connection)
      const rpc = new ProtomuxRpc(connection)
      rpc.respond('shout', (request) => Buffer.from(String(request).toUpperCase()))
      resolve(rpc)
    })
  })
}
