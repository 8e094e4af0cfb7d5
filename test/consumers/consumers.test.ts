/**
 * The published packages that applications are built from, on both kinds of swarms: native, proxied, and one with the
 * other.
 */
import { describe, test } from 'vitest'
import { pairBlindly } from './scenarios/blind-pairing.ts'
import { replicateCorestore } from './scenarios/corestore.ts'
import { useHyperSdk } from './scenarios/hyper-sdk.ts'
import { replicateHypercore, replicateHypercore10 } from './scenarios/hypercore.ts'
import { shareHyperdrive } from './scenarios/hyperdrive.ts'
import { callBetweenNodes } from './scenarios/hyperswarm-rpc.ts'
import { callByRpc } from './scenarios/protomux-rpc.ts'
import { type Kind, Network } from './support/network.ts'

const network = Network.use()

const PAIRS: [Kind, Kind][] = [
  ['native', 'native'],
  ['proxied', 'proxied'],
  ['native', 'proxied'],
  ['proxied', 'native']
]

describe.each(PAIRS)('%s with %s', (here, there) => {
  test.each([
    ['hypercore', replicateHypercore],
    ['hypercore 10', replicateHypercore10],
    ['corestore', replicateCorestore],
    ['hyperdrive', shareHyperdrive],
    ['hyper-sdk', useHyperSdk],
    ['protomux-rpc', callByRpc],
    ['@hyperswarm/rpc', callBetweenNodes],
    ['blind-pairing', pairBlindly]
  ])('%s', (_, run) => run(network().createSwarm(here), network().createSwarm(there)))
})
