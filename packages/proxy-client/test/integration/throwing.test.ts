/** Application code that throws, in a client or a server: others are still served, and the error is uncaught. */
import type { AddressInfo } from 'node:net'
import { ProxyError } from '@swarmway/proxy-protocol'
import { describe, expect, test } from 'vitest'
import type { ProxyServerEvents, ProxyServerOptions } from '../../../proxy-server/src/index.js'
import { listen } from '../../../proxy-server/src/websocket/index.js'
import { pair } from '../../../proxy-server/test/support/pair.js'
import { freshTopic } from '../../../runtime/test/support/topics.js'
import { uncaught } from '../../../runtime/test/support/uncaught.js'
import { until } from '../../../runtime/test/support/until.js'
import type { ProxyClient, ProxyClientEvents } from '../../src/index.js'
import { websocket } from '../../src/transports/websocket.js'
import { createRig, type Network } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'

const ERROR = 'Error: of the application'

/** A function that throws the first time it is called. */
function once<T>(result: T): () => T {
  let isFirst = true
  return () => {
    if (!isFirst) return result
    isFirst = false
    throw new Error('of the application')
  }
}

/** Two clients meet on a topic of their own. */
async function meet(a: ProxyClient, b: ProxyClient): Promise<void> {
  const topic = freshTopic()
  for (const client of [a, b]) client.join(topic)
  const knows = (client: ProxyClient, other: ProxyClient) =>
    [...client.connections].some(
      ({ remotePublicKey }) => Buffer.compare(remotePublicKey, other.keyPair.publicKey) === 0
    )
  await until('the two know each other', () => knows(a, b) && knows(b, a))
}

/** How each event is provoked on a connected client that has the listeners. */
type Provoke = (client: ProxyClient, rig: Network, control: LinkControl) => unknown

/** The server ends the sessions, and the client returns with a new one. */
async function lose(client: ProxyClient, rig: Network): Promise<void> {
  for (const session of rig.server.clients) session.destroy()
  await until('the session is lost', () => !client.connected)
  await until('it is back', () => client.connected)
}

/** Another client later proves that it holds the key, and leaves. */
async function loseKey(client: ProxyClient, rig: Network): Promise<void> {
  await client.listen()
  const newer = rig.createSwarm({ keyPair: client.keyPair })
  await newer.listen()
  await until('the key is lost', () => client.listening === null)
  await newer.destroy()
}

const DENIED_TOPIC = freshTopic()
const NEVER_TOPIC = freshTopic()

/** A later link is denied a topic that the link before was allowed. */
async function loseTopic(client: ProxyClient, rig: Network, control: LinkControl): Promise<void> {
  await client.join(DENIED_TOPIC).flushed()
  control.cut()
  await until('the topic is lost', () => rig.server.stats.topics === 0)
}

/** Allows {@link DENIED_TOPIC} on the first link only, and {@link NEVER_TOPIC} on none. */
function onFirstLink(): ProxyServerOptions {
  let links = 0
  const authenticate = () => {
    const isFirst = ++links === 1
    return {
      allowTopic: (topic: Uint8Array) =>
        Buffer.compare(topic, NEVER_TOPIC) !== 0 && (isFirst || Buffer.compare(topic, DENIED_TOPIC) !== 0)
    }
  }
  return { authenticate }
}

const CLIENT_EVENTS: Record<
  Exclude<keyof ProxyClientEvents, 'connection' | 'update' | 'ban' | 'dial-error'>,
  Provoke
> = {
  connected: () => {},
  disconnected: lose,
  offline: lose,
  online: lose,
  'key-lost': loseKey,
  'topic-denied': loseTopic,
  'discovery-error': (client) => client.join(NEVER_TOPIC).flushed()
}

describe("a client's event", () => {
  test.each(Object.entries(CLIENT_EVENTS))('%s', async (event, provoke) => {
    const rig = await createRig({ testnet: null, server: onFirstLink() })
    const control = new LinkControl()
    const errors = await uncaught(async () => {
      const client = rig.createSwarm({ control })
      client.once(event as 'connected', once(undefined))
      await until('the client is connected', () => client.connected)
      await provoke(client, rig, control)
      await meet(client, rig.createSwarm())
    })
    expect(errors.map(String)).toEqual([ERROR])
  })
})

describe("an event of a client's node", () => {
  test.each(['network-update', 'network-change'] as const)('%s', async (event) => {
    const rig = await createRig({ testnet: null })
    const errors = await uncaught(async () => {
      const client = rig.createSwarm()
      client.dht.on(event, once(undefined))
      await until('the client is connected', () => client.connected)
      await lose(client, rig)
      await meet(client, rig.createSwarm())
    })
    expect(errors.map(String)).toEqual([ERROR])
  })
})

/** Those about the DHT are in dht-state.test.ts; those of a fleet are emitted in the same way. */
const SERVER_EVENTS: Record<
  Exclude<keyof ProxyServerEvents, 'fleet' | 'fleet-error' | 'offline' | 'online'>,
  Provoke
> = {
  client: () => {},
  topic: () => {},
  'client-close': lose,
  denied: (_client, rig) => {
    const [near] = pair()
    rig.server.handleStream(near).deny(new ProxyError('AUTH_DENIED', 'not you'))
  }
}

describe("a server's event", () => {
  test.each(Object.entries(SERVER_EVENTS))('%s', async (event, provoke) => {
    const rig = await createRig({ testnet: null })
    const errors = await uncaught(async () => {
      rig.server.once(event as 'client', once(undefined))
      const client = rig.createSwarm()
      await until('the client is connected', () => client.connected)
      await provoke(client, rig, new LinkControl())
      await meet(client, rig.createSwarm())
    })
    expect(errors.map(String)).toEqual([ERROR])
  })
})

/** Options that decide who may connect and what they may do. If one throws, the client is refused with a code. */
const DECISIONS: Record<string, () => ProxyServerOptions> = {
  'authenticate throws': () => ({ authenticate: once(true) }),
  'authenticate rejects': () => {
    const answer = once(true)
    return { authenticate: async () => answer() }
  }
}

describe('a server whose', () => {
  test.each(Object.entries(DECISIONS))('%s denies that client and no other', async (_name, createOptions) => {
    const rig = await createRig({ testnet: null, server: createOptions() })
    const causes: unknown[] = []
    rig.server.on('denied', (error) => causes.push(String(error.cause)))
    const refused = rig.createSwarm()
    const reasons: string[] = []
    refused.on('disconnected', ({ error }) => reasons.push(`${error.code}: ${error.message}`))
    await until('it is refused', () => reasons.length > 0)
    expect(reasons[0]).toMatch(/^AUTH_DENIED: .*of the application/)
    expect(causes).toEqual([ERROR])
    await meet(rig.createSwarm(), rig.createSwarm())
  })

  test('allowTopic throws refuses that topic, with a code', async () => {
    const rig = await createRig({ testnet: null, server: { authenticate: () => ({ allowTopic: once(true) }) } })
    const [client, other] = [rig.createSwarm(), rig.createSwarm()]
    await until('both clients are connected', () => client.connected && other.connected)
    const query = client.dht.lookup(freshTopic())
    await expect(query.finished()).rejects.toMatchObject({ code: 'AUTH_DENIED', message: /of the application/ })
    await other.dht
      .lookup(freshTopic())
      .finished()
      .catch(() => {})
    await meet(client, other)
  })
})

describe('a WebSocket server whose', () => {
  test.each(['remoteAddress', 'handleStream'] as const)('%s throws closes that connection', async (which) => {
    const rig = await createRig({ testnet: null })
    const fail = once(undefined)
    const taker: Parameters<typeof listen>[0] = {
      handleStream: (duplex, info) => {
        if (which === 'handleStream') fail()
        return rig.server.handleStream(duplex, info)
      }
    }
    const options = which === 'remoteAddress' ? { remoteAddress: fail } : {}
    const listener = await listen(taker, { host: '127.0.0.1', ...options })
    const { port } = listener.address as AddressInfo
    const errors = await uncaught(async () => {
      const client = rig.createSwarm({ connect: websocket(`ws://127.0.0.1:${port}`) })
      await until('the second attempt connects', () => client.connected)
      await meet(client, rig.createSwarm())
      expect(listener.connections).toBe(1)
      await client.destroy()
    })
    expect(errors.map(String)).toEqual([ERROR])
    await listener.close()
  })
})

describe('a client whose', () => {
  const connects: Record<string, (first: () => void) => () => unknown> = {
    'connect throws': (first) => () => first(),
    'connect rejects': (first) => async () => first()
  }

  test.each(Object.entries(connects))('%s reports it, and tries again', async (_name, wrap) => {
    const rig = await createRig({ testnet: null })
    const { door } = await rig.createServer()
    const attempt = wrap(once(undefined))
    const reasons: string[] = []
    const connect = () => {
      const tried = attempt()
      return tried instanceof Promise ? tried.then(() => door.connect()) : door.connect()
    }
    const client = rig.createSwarm({ connect })
    client.on('disconnected', ({ error }) => reasons.push(`${error.code} ${String(error.cause)}`))
    await until('the client is connected', () => client.connected)
    expect(reasons).toEqual([`LINK_CLOSED ${ERROR}`])
    await meet(client, rig.createSwarm({ door }))
  })

  test('watcher throws keeps its session', async () => {
    const rig = await createRig({ testnet: null })
    const [client, other] = [rig.createSwarm(), rig.createSwarm()]
    const topic = freshTopic()
    const heard: unknown[] = []
    const errors = await uncaught(async () => {
      client.dht.watch?.(topic, once(undefined))
      client.dht.watch?.(topic, (peer) => heard.push(peer))
      await until('the client is connected', () => client.connected)
      other.join(topic, { client: false, server: true })
      await until('the other watcher hears of the peer', () => heard.length > 0)
      await meet(client, other)
    })
    expect([errors.map(String), rig.server.stats.sessionsOpened]).toEqual([[ERROR], 2])
  })
})
