import { systemClock } from '@swarmway/proxy-protocol'
import { onTestFinished } from 'vitest'
import { createServerKeyPair, fleetKeyOf } from '../../src/fleet/presence/envelope.js'
import { brokerPresence, type FleetOptions, type MemoryBroker } from '../../src/index.js'

/** A server of the fleet that says what the test wants. */
export function lyingServer(broker: MemoryBroker, linkAddress: string, keyPair = createServerKeyPair()) {
  return liarOver(brokerPresence(broker.client()), linkAddress, keyPair)
}

/** The same, over any presence. */
export function liarOver(
  of: FleetOptions['presence'],
  linkAddress: string,
  keyPair = createServerKeyPair(),
  description: { url?: string; maxClients?: number } = {}
) {
  const presence = of({ keyPair, fleetKey: fleetKeyOf(), clock: systemClock })
  const own = { name: 'liar', url: '', clients: 0, maxClients: 1, isDraining: false, linkAddress, ...description }
  presence.start({ describe: () => own, onServer: ignore, onServerGone: ignore, onState: ignore })
  onTestFinished(() => presence.close())
  return presence
}

function ignore(): void {}
