import type { DialFailure } from '../../src/dialing/failure.js'
import { createGroup, type Group } from '../../src/groups/group.js'
import { createKeyPair } from '../../src/util/keys.js'
import { topicFrom } from '../../src/util/topic.js'
import { createFakeNetwork, type FakeSwarm, type FakeSwarmOptions } from './fake-swarm.js'
import type { Forger } from './forger.js'

export const topic = topicFrom('groups')
export const otherTopic = topicFrom('in the open')
export const group = createGroup()
export const otherGroup = createGroup()
export const HOUR_MS = 3_600_000

/** A network that can make members of groups. */
export function setUp() {
  const fake = createFakeNetwork()
  /** A member of these groups. */
  const member = (groups: Group[], options: FakeSwarmOptions = {}) => {
    const keyPair = createKeyPair()
    const membership = groups.map((of) => of.invite(keyPair.publicKey))
    return fake.createSwarm({ keyPair, membership, jitter: 0, ...options })
  }
  return { ...fake, member }
}

/** One joins as a server, the other as a client. */
export async function meet({ clock }: ReturnType<typeof setUp>, server: FakeSwarm, client: FakeSwarm, on = topic) {
  server.join(on, { client: false })
  await clock.advance(10)
  client.join(on, { server: false })
  await clock.advance(2000)
  return shown(server, client)
}

/** `connection` events of both so far. */
export function shown(...swarms: FakeSwarm[]): number[] {
  return swarms.map(({ stats }) => stats.connects.client.opened + stats.connects.server.opened)
}

/** What one peer knows of the other. */
export function infoOf(swarm: FakeSwarm, of: FakeSwarm | Forger) {
  return [...swarm.peers.values()].find(({ publicKey }) =>
    publicKey.every((byte, i) => byte === of.keyPair.publicKey[i])
  )
}

/** The dials that fail from now on. */
export function failures(swarm: FakeSwarm): DialFailure[] {
  const all: DialFailure[] = []
  swarm.on('dial-error', (failure) => all.push(failure))
  return all
}

/** Advances time until the promise has settled. */
export async function settled<T>({ clock }: ReturnType<typeof setUp>, promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  await clock.advance(1000)
  return promise
}
