import { createFakeNetwork, type FakeSwarmOptions } from './fake-swarm.js'

/** A swarm on a network of its own, and the kinds of its queries so far. */
export function discoverySetUp(options: FakeSwarmOptions = {}) {
  const fake = createFakeNetwork()
  const swarm = fake.createSwarm({ random: () => 0.5, ...options })
  const kinds = () => swarm.node.queries.map(({ kind }) => kind)
  return { ...fake, swarm, kinds }
}
