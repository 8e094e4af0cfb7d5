import { describe, expect, test } from 'vitest'
import type { Connect } from '../../../../src/index.js'
import { websocket } from '../../../../src/transports/websocket.js'
import { LearnedServers } from '../../../../src/uplink/fleet/learned-servers.js'

const connectTo = (url: string): Connect => Object.assign(() => Promise.reject(new Error(url)), { url })
const told = (url: string, clients = 0) => ({ url, clients, maxClients: 100 })
const urlsOf = (connects: readonly Connect[]) => connects.map(({ url }) => url)

function learned(
  own: Connect[],
  random = () => 0.5,
  fleet: ((url: string) => Connect | readonly Connect[]) | null = connectTo
) {
  return new LearnedServers({ connects: own, fleet, random })
}

describe('servers that a server names', () => {
  test('are used, except those of the application', () => {
    const own = connectTo('wss://a.example/swarm')
    const servers = learned([own])
    const all = [told('wss://a.example/swarm/'), told('wss://b.example/')]
    expect(urlsOf(servers.update(all, own))).toEqual(['wss://b.example/'])
  })

  test('keep their function while they are named, and the one in use stays', () => {
    const servers = learned([])
    const [first] = servers.update([told('ws://b/')], null)
    expect(servers.update([told('ws://b/')], null)[0]).toBe(first)
    expect(servers.update([], first ?? null)).toEqual([first])
    expect(servers.update([], null)).toEqual([])
  })

  // The present one came last, so each look found a better one, and clients wandered from server to server.
  test('come after the one in use', () => {
    const servers = learned([])
    const all = ['ws://b/', 'ws://c/', 'ws://d/'].map((url) => told(url))
    const [, , present] = servers.update(all, null)
    expect(present).toBeDefined()
    const others = all.filter(({ url }) => url !== present?.url)
    expect(servers.update(others, present ?? null)[0]).toBe(present)
    expect(servers.update(all, present ?? null)[0]).toBe(present)
  })

  test('a server that was reached by wss leads to none by ws', () => {
    const own = connectTo('wss://a/')
    expect(urlsOf(learned([own]).update([told('ws://b/'), told('wss://c/')], own))).toEqual(['wss://c/'])
    const plain = connectTo('ws://a/')
    expect(learned([plain]).update([told('ws://b/'), told('wss://c/')], plain)).toHaveLength(2)
  })

  test('32 at most, and none that the application refuses', () => {
    const many = Array.from({ length: 64 }, (_, i) => told(`ws://s${i}/`))
    expect(learned([]).update(many, null)).toHaveLength(32)
    expect(learned([], undefined, null).update(many, null)).toEqual([])
  })

  // A server that named `wss:nonsense` ended the process of each client that had the documented option `fleet: websocket`.
  test('a URL that the application refuses by throwing does no harm', () => {
    const bad = ['wss:', 'wss:nonsense', 'wss://[', 'https://a/', 'ws://a b/'].map((url) => told(url))
    const servers = learned([], undefined, websocket)
    expect(urlsOf(servers.update([...bad, told('wss://good/')], null))).toEqual(['wss://good/'])
  })

  test('those with much room are early, most of the time', () => {
    let seed = 1
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const servers = learned([], random)
    let first = 0
    for (let i = 0; i < 200; i++)
      if (servers.update([told('ws://full/', 95), told('ws://empty/', 0)], null)[0]?.url === 'ws://empty/') first++
    expect(first).toBeGreaterThan(160)
    expect(first, 'but not always').toBeLessThan(200)
  })
})
