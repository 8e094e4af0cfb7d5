/** Messages that make no sense: the client answers with a code that names the fault, and keeps working. */
import { randomBytes } from 'node:crypto'
import {
  CLIENT_REQUEST,
  queryBody,
  queryPeersBody,
  SERVER_NOTICE,
  SERVER_REQUEST,
  topicPeersBody
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { describe, expect, test } from 'vitest'
import { turns, until } from '../../../runtime/test/support/until.js'
import { createLiar, worksStill } from '../support/liar.js'
import { failure } from '../support/transfer.js'

const NOTHING = new Uint8Array(0)
const PEERS = 100_000

describe('nonsense', () => {
  test.each(Object.entries(SERVER_REQUEST))('as the body of %s is answered with PROTOCOL_ERROR', async (_name, op) => {
    const client = await createLiar()
    await client.swarm.listen()
    const tooLong = b4a.alloc(300)
    for (const body of [NOTHING, randomBytes(3), b4a.alloc(70, 255), tooLong]) {
      expect(await client.ask(op, body)).toBe('PROTOCOL_ERROR')
    }
    expect(client.disconnects).toEqual([])
    expect(await worksStill(client)).toBe(true)
  })

  test.each(Object.entries(SERVER_NOTICE))(
    'as the body of %s ends the session, and the client starts another',
    async (_name, op) => {
      const client = await createLiar()
      client.tell(op, randomBytes(7))
      await until('a new session', () => client.sessions.length === 2 && client.swarm.connected)
      expect(client.disconnects).toEqual(['PROTOCOL_ERROR'])
      expect(client.sessions[0]?.error).toMatchObject({ code: 'PROTOCOL_ERROR', remote: true })
      expect(await worksStill(client)).toBe(true)
    }
  )

  test('as an answer fails the request, with a code', async () => {
    const client = await createLiar()
    const { dht } = client.swarm
    for (const op of Object.values(CLIENT_REQUEST)) client.answers.set(op, () => b4a.alloc(77, 255))
    await expect(dht.mutableGet(randomBytes(32))).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    await expect(dht.immutableGet(randomBytes(32))).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    await expect(dht.immutablePut(randomBytes(32))).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    const query = dht.findPeer(randomBytes(32)) as { finished(): Promise<void> }
    await expect(query.finished()).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    client.answers.set(CLIENT_REQUEST.IMMUTABLE_PUT, () => randomBytes(32))
    await expect(dht.immutablePut(randomBytes(32))).rejects.toHaveProperty('code')
    client.answers.clear()
    expect(await worksStill(client)).toBe(true)
  })

  test('forged records are not shown', async () => {
    const client = await createLiar()
    const forged = b4a.concat([
      Uint8Array.of(1),
      b4a.alloc(8),
      randomBytes(64),
      Uint8Array.of(3, 0, 0, 0),
      b4a.from('abc')
    ])
    client.answers.set(CLIENT_REQUEST.MUTABLE_GET, () => forged)
    client.answers.set(CLIENT_REQUEST.IMMUTABLE_GET, () => b4a.concat([Uint8Array.of(1, 3, 0, 0, 0), b4a.from('abc')]))
    expect(await client.swarm.dht.mutableGet(randomBytes(32))).toBeNull()
    expect(await client.swarm.dht.immutableGet(randomBytes(32))).toBeNull()
  })
})

describe('peers', () => {
  test('that are the client itself are not dialled', async () => {
    const client = await createLiar()
    const topic = randomBytes(32)
    client.answers.set(CLIENT_REQUEST.QUERY, (body) => {
      const peers = [{ publicKey: client.key, relayAddresses: [] }]
      client.tell(SERVER_NOTICE.PEERS, queryPeersBody.encode({ queryId: queryBody.decode(body).queryId, peers }))
      client.tell(SERVER_NOTICE.PEER, topicPeersBody.encode({ topic, peers }))
      return NOTHING
    })
    expect(await client.swarm.join(topic).flushed()).toBe(true)
    expect(await client.swarm.flush()).toBe(true)
    expect([client.swarm.peers.size, client.swarm.stats.dials]).toEqual([0, {}])
  })

  test(`${PEERS} that do not exist leave the client working, and are forgotten when the topic is left`, async () => {
    const client = await createLiar()
    client.answers.set(CLIENT_REQUEST.CONNECT, () => new Promise(() => {}))
    const topic = randomBytes(32)
    client.swarm.join(topic, { server: false })
    const { queryId } = queryBody.decode(await client.request(CLIENT_REQUEST.QUERY))
    for (let sent = 0; sent < PEERS; sent += 50) {
      const peers = Array.from({ length: 50 }, () => ({ publicKey: randomBytes(32), relayAddresses: [] }))
      client.tell(SERVER_NOTICE.PEERS, queryPeersBody.encode({ queryId, peers }))
      client.tell(SERVER_NOTICE.PEER, topicPeersBody.encode({ topic, peers }))
      await turns(1)
    }
    expect(await client.ask(SERVER_REQUEST.SIGN, NOTHING), 'it answers').toBe('PROTOCOL_ERROR')
    expect(client.swarm.connecting).toBeLessThanOrEqual(client.swarm.maxParallel)
    expect(await worksStill(client)).toBe(true)
    await client.swarm.leave(topic)
    expect(client.disconnects).toEqual([])
  })
})

describe('a greeting', () => {
  test('with a grace period beyond the range of timers is honoured, without a warning', async () => {
    // The client set a timer for it, and Node fires timers beyond 2^31 - 1 ms at once: the first cut of a
    // link ended the session and all connections, and the process printed a TimeoutOverflowWarning.
    const client = await createLiar()
    client.welcome = { graceMs: 0xffffffff }
    client.session.destroy()
    await until('a new session', () => client.sessions.length === 2 && client.swarm.connected)
    client.cut()
    await until('a new link', () => client.session.stats.links === 2)
    expect(client.sessions).toHaveLength(2)
  })

  test('that resumes with an impossible count ends the session with PROTOCOL_ERROR', async () => {
    const client = await createLiar()
    const connection = worksStill(client)
    await connection
    const [open] = [...client.swarm.connections]
    const failed = open && failure(open)
    client.welcome = { received: 1_000_000 }
    client.cut()
    expect(await failed).toHaveProperty('code')
    await until('it noticed', () => client.disconnects.includes('PROTOCOL_ERROR'))
    client.welcome = {}
    await until('a new session', () => client.swarm.connected)
    expect(await worksStill(client)).toBe(true)
  })

  test('that resumes a session that never existed begins a new one', async () => {
    const client = await createLiar()
    client.welcome = { resumed: true }
    client.session.destroy()
    await until('a new session', () => client.sessions.length === 2 && client.swarm.connected)
    client.welcome = {}
    expect(await worksStill(client)).toBe(true)
  })
})
