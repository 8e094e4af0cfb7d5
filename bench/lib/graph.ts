/** The shape of a swarm: who is connected with whom. */
import type { AnySwarm } from './modules.ts'

/** Enough of a key to tell peers apart. */
const NAME_BYTES = 6

/** The connections of one swarm: its short name, and those of its peers. */
export interface CrowdMember {
  readonly name: string
  readonly peers: readonly string[]
}

export interface Shape {
  /** Islands; one if everybody reaches everybody. */
  readonly components: number
  /** Connections of the peer that has the fewest. */
  readonly minDegree: number
  /** The part of all pairs that is connected, 0 to 1. */
  readonly connectedPart: number
}

export function memberOf({ connections, keyPair }: AnySwarm): CrowdMember {
  const peers = [...connections].map(({ remotePublicKey }) => short(remotePublicKey))
  return { name: short(keyPair.publicKey), peers: [...new Set(peers)] }
}

export function shapeOf(members: readonly CrowdMember[]): Shape {
  const neighbours = mutualNeighbours(members)
  const degrees = [...neighbours.values()].map(({ length }) => length)
  const pairs = members.length * (members.length - 1)
  return {
    components: countComponents(neighbours),
    minDegree: Math.min(...degrees),
    connectedPart: degrees.reduce((sum, degree) => sum + degree, 0) / pairs
  }
}

/** A connection that only one side has does not count. */
function mutualNeighbours(members: readonly CrowdMember[]): Map<string, string[]> {
  const sets = new Map(members.map(({ name, peers }) => [name, new Set(peers)]))
  return new Map(members.map(({ name, peers }) => [name, peers.filter((peer) => sets.get(peer)?.has(name))]))
}

function countComponents(neighbours: ReadonlyMap<string, readonly string[]>): number {
  const seen = new Set<string>()
  let count = 0
  for (const start of neighbours.keys()) {
    if (seen.has(start)) continue
    count++
    const queue = [start]
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (seen.has(name)) continue
      seen.add(name)
      queue.push(...(neighbours.get(name) ?? []))
    }
  }
  return count
}

function short(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, NAME_BYTES).toString('base64')
}
