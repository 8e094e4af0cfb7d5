/** A server that lies only causes failures with a code; the client keeps working. */
import { randomBytes } from 'node:crypto'
import {
  acceptBody,
  CLIENT_REQUEST,
  queryBody,
  SERVER_REQUEST,
  SIGN_KIND,
  type SignBody,
  STREAM_KIND,
  signBody,
  streamMeta,
  VERDICT,
  verdictBody
} from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { describe, expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { keyTarget } from '../../src/node/signing.js'
import { createLiar, handshake, introduce, type Liar, worksStill } from '../support/liar.js'
import { shownBy } from '../support/rig.js'
import { closed } from '../support/transfer.js'

const NOTHING = new Uint8Array(0)

test('an honest server in its place is believed, so the other tests fail only because of the lie', async () => {
  const [a, b] = [await createLiar(), await createLiar()]
  const shown = shownBy(b.swarm)
  expect(await introduce(a, b)).toBe('OPENED')
  await until('the other side has the connection', () => shown.length === 1)
  expect(b4a.equals(shown[0]?.remotePublicKey ?? NOTHING, a.key)).toBe(true)
})

describe('a handshake', () => {
  test('with a peer that was not dialled fails: it cannot read the message, and its answer is refused', async () => {
    const [client, victim, mallory, helper] = await Promise.all([
      createLiar(),
      createLiar(),
      createLiar(),
      createLiar()
    ])
    for (const { swarm } of [victim, mallory]) await swarm.listen()
    const { dialId, outcome } = await client.dial(victim.key)
    expect(await mallory.offer(await client.message(dialId)), 'what Mallory can read').toBeNull()
    // Mallory's real answer to somebody else's dial.
    const other = await helper.dial(mallory.key)
    const answer = (await mallory.offer(await helper.message(other.dialId)))?.answer ?? NOTHING
    expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, answer))).toBe('HANDSHAKE_MALFORMED')
    client.endDial('PEER_CONNECTION_FAILED')
    expect(await outcome).toBe('HANDSHAKE_MALFORMED')
    expect(await worksStill(client)).toBe(true)
  })

  test('is not finished by a replayed answer of another dial, by our own message, or by noise', async () => {
    const [client, victim] = [await createLiar(), await createLiar()]
    await victim.swarm.listen()
    const first = await client.dial(victim.key)
    const replay = (await victim.offer(await client.message(first.dialId)))?.answer ?? NOTHING
    client.endDial('PEER_CONNECTION_FAILED')
    expect(await first.outcome).toBe('PEER_CONNECTION_FAILED')
    const { dialId } = await client.dial(victim.key)
    const message = await client.message(dialId)
    for (const lie of [replay, message, randomBytes(48), NOTHING])
      expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, lie))).toBe('HANDSHAKE_MALFORMED')
    expect(client.swarm.connections.size).toBe(0)
    // They have ended only the paths they arrived on: the right answer is still accepted.
    const answer = (await victim.offer(message))?.answer ?? NOTHING
    expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, answer))).toBeInstanceOf(Uint8Array)
  })

  // A server that tries a second way to the peer needs a second message, and can have no more than one connection of it.
  test('begins again with a second message, which alone can be answered, and there is no third', async () => {
    const [client, victim] = [await createLiar(), await createLiar()]
    await victim.swarm.listen()
    const { dialId } = await client.dial(victim.key)
    const [first, second] = [await client.message(dialId), await client.message(dialId)]
    expect(b4a.equals(first, second)).toBe(false)
    const third = client.ask(SERVER_REQUEST.DIAL_SEND, handshake(dialId, NOTHING))
    expect(await third).toBe('BAD_REQUEST')
    const [early, right] = [(await victim.offer(first))?.answer, (await victim.offer(second))?.answer]
    expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, early ?? NOTHING))).toBe('HANDSHAKE_MALFORMED')
    expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, right ?? NOTHING))).toBeInstanceOf(Uint8Array)
    expect(await client.ask(SERVER_REQUEST.DIAL_SEND, handshake(dialId, NOTHING))).toBe('BAD_REQUEST')
  })

  test('is given up after more wrong answers than there are paths to a peer', async () => {
    const [client, victim] = [await createLiar(), await createLiar()]
    const { dialId, outcome } = await client.dial(victim.key)
    await client.message(dialId)
    for (let i = 0; i < 65; i++)
      expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, NOTHING))).toBe('HANDSHAKE_MALFORMED')
    expect(await outcome).toBe('HANDSHAKE_MALFORMED')
    expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, NOTHING))).toBe('NOT_FOUND')
  })

  test('happens only once: after an answer, another message is refused, and so is a second answer', async () => {
    const [client, victim] = [await createLiar(), await createLiar()]
    await victim.swarm.listen()
    const { dialId } = await client.dial(victim.key)
    expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, NOTHING)), 'too early').toBe('BAD_REQUEST')
    const message = await client.message(dialId)
    const answer = (await victim.offer(message))?.answer ?? NOTHING
    await client.session.request(SERVER_REQUEST.DIAL_RECV, handshake(dialId, answer))
    expect(await client.ask(SERVER_REQUEST.DIAL_RECV, handshake(dialId, answer))).toBe('BAD_REQUEST')
    expect(await client.ask(SERVER_REQUEST.DIAL_SEND, handshake(dialId, NOTHING))).toBe('BAD_REQUEST')
    for (const op of [SERVER_REQUEST.DIAL_SEND, SERVER_REQUEST.DIAL_RECV, SERVER_REQUEST.ACCEPT_SEND])
      expect(await client.ask(op, handshake(4242, NOTHING)), 'of an unknown dial').toBe('NOT_FOUND')
    expect(await worksStill(client)).toBe(true)
  })

  test('message may be replayed: a connection that results from it carries nothing and fails with a code', async () => {
    const [client, victim] = [await createLiar(), await createLiar()]
    await victim.swarm.listen()
    const shown = shownBy(victim.swarm)
    const { dialId } = await client.dial(victim.key)
    const message = await client.message(dialId)
    for (let i = 0; i < 2; i++) {
      const offered = await victim.offer(message)
      expect(offered, 'the message itself is genuine').not.toBeNull()
      const stream = victim.stream(STREAM_KIND.ACCEPT, offered?.id ?? 0)
      const reset = new Promise<unknown>((resolve) => stream.once('error', resolve))
      // As long as the first message of a secret stream, but otherwise unlike it.
      stream.write(b4a.concat([Uint8Array.of(56, 0, 0), randomBytes(56)]))
      expect(await reset).toHaveProperty('code')
    }
    for (const connection of shown) {
      connection.on('data', () => expect.unreachable('data that nobody sent'))
      await closed(connection)
    }
    expect([victim.swarm.connections.size, client.swarm.connections.size]).toEqual([0, 0])
    expect(await worksStill(victim)).toBe(true)
  })
})

describe('a stream', () => {
  test('that nobody asked for is reset with a code, and not shown to the application', async () => {
    const client = await createLiar()
    const shown = shownBy(client.swarm)
    for (const kind of [STREAM_KIND.DIAL, STREAM_KIND.ACCEPT])
      expect(await client.openStream(streamMeta.encode({ kind, id: 77 }))).toBe('NOT_FOUND')
    for (const meta of [NOTHING, Uint8Array.of(9, 0, 0, 0, 0), randomBytes(100)])
      expect(await client.openStream(meta)).toBe('PROTOCOL_ERROR')
    const { dialId } = await client.dial(randomBytes(32))
    expect(await client.openStream(streamMeta.encode({ kind: STREAM_KIND.DIAL, id: dialId }))).toBe('BAD_REQUEST')
    expect([client.disconnects, shown]).toEqual([[], []])
    expect(await worksStill(client)).toBe(true)
  })

  test('of an accepted connection whose handshake has not finished, or not even begun, is reset', async () => {
    const [client, victim] = [await createLiar(), await createLiar()]
    await victim.swarm.listen()
    victim.swarm.on('connection', () => expect.unreachable('a connection without a handshake'))
    const { dialId } = await client.dial(victim.key)
    const message = await client.message(dialId)
    const body = acceptBody.encode({ id: 5, publicKey: victim.key, message })
    const { verdict } = verdictBody.decode(await victim.session.request(SERVER_REQUEST.ACCEPT_RECV, body))
    expect(verdict).toBe(VERDICT.ACCEPT)
    expect(await victim.openStream(streamMeta.encode({ kind: STREAM_KIND.ACCEPT, id: 5 }))).toBe('NOT_FOUND')
    expect(await victim.ask(SERVER_REQUEST.ACCEPT_SEND, handshake(5, NOTHING)), 'the accept is over').toBe('NOT_FOUND')
  })

  test('an accepted connection of a key that is not listened on is ignored', async () => {
    const [client, victim] = [await createLiar(), await createLiar()]
    const { dialId } = await client.dial(victim.key)
    const message = await client.message(dialId)
    for (const bytes of [message, randomBytes(100), NOTHING]) expect(await victim.offer(bytes)).toBeNull()
  })
})

describe('a signature', () => {
  const order = (client: Liar, fields: Partial<SignBody> = {}): Uint8Array => {
    const { key: publicKey } = client
    const rest = { nodeId: randomBytes(32), token: randomBytes(32), relayAddresses: [] }
    return signBody.encode({ kind: SIGN_KIND.ANNOUNCE, publicKey, target: keyTarget(publicKey), ...rest, ...fields })
  }

  test('is given for its own key and for topics being announced, and for nothing else', async () => {
    const client = await createLiar()
    const ask = (fields: Partial<SignBody> = {}) => client.ask(SERVER_REQUEST.SIGN, order(client, fields))
    expect(await ask(), 'before it listens').toBe('AUTH_DENIED')
    await client.swarm.listen()
    expect(await ask()).toHaveLength(64)
    expect(await ask({ target: randomBytes(32) }), 'another target').toBe('AUTH_DENIED')
    expect(await ask({ target: client.key }), 'the key itself').toBe('AUTH_DENIED')
    expect(await ask({ publicKey: randomBytes(32) }), 'another key').toBe('AUTH_DENIED')
    let finish = (): void => {}
    client.answers.set(
      CLIENT_REQUEST.QUERY,
      () =>
        new Promise((resolve) => {
          finish = () => resolve(NOTHING)
        })
    )
    const topic = randomBytes(32)
    const joined = client.swarm.join(topic, { client: false }).flushed()
    expect(queryBody.decode(await client.request(CLIENT_REQUEST.QUERY))).toMatchObject({ topic: b4a.from(topic) })
    expect(await ask({ target: topic })).toHaveLength(64)
    finish()
    await joined
    expect(await ask({ target: topic }), 'when the announcement is over').toBe('AUTH_DENIED')
    expect(client.disconnects).toEqual([])
    expect(await worksStill(client)).toBe(true)
  })

  test('exists only for announcing and withdrawing', async () => {
    const client = await createLiar()
    await client.swarm.listen()
    const body = order(client)
    for (const kind of [2, 3, 255]) {
      body[0] = kind
      expect(await client.ask(SERVER_REQUEST.SIGN, body)).toBe('PROTOCOL_ERROR')
    }
    expect(await client.ask(45, NOTHING), 'an unknown request').toBe('NOT_FOUND')
    expect(await worksStill(client)).toBe(true)
  })
})
