import { systemClock } from '@swarmway/proxy-protocol'
import { onTestFinished } from 'vitest'
import { createServerKeyPair, fleetKeyOf } from '../../src/fleet/presence/envelope.js'
import { brokerPresence, type MemoryBroker } from '../../src/index.js'

/** A server of the fleet that says what the test wants. */
export function lyingServer(broker: MemoryBroker, linkAddress: string, keyPair = createServerKeyPair()) {
  const tools = { keyPair, fleetKey: fleetKeyOf(), clock: systemClock }
  const presence = brokerPresence(broker.client())(tools)
  const own = { name: 'liar', url: '', clients: 0, maxClients: 1, isDraining: false, linkAddress }
  presence.start({ describe: () => own, onServer: ignore, onServerGone: ignore, onState: ignore })
  onTestFinished(() => presence.close())
  return presence
}

function ignore(): void {}
