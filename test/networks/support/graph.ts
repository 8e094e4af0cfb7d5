/** The shape of a swarm: who is connected with whom. */
import type { CrowdMember } from '../agents/crowd.ts'

export interface Shape {
  /** Islands; one if everybody reaches everybody. */
  readonly components: number
  /** Connections of the peer that has the fewest. */
  readonly minDegree: number
  /** The part of all pairs that is connected, 0 to 1. */
  readonly connectedPart: number
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
