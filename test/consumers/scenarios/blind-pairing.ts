import { expect, onTestFinished } from 'vitest'
import type { AnySwarm } from '../support/network.ts'
import { BlindPairing } from '../support/packages.ts'

/**
 * The candidate announces a throw-away key on which nobody listens, and exchanges its invitation with the member
 * through records in the DHT and over a connection, whichever comes first.
 */
export async function pairBlindly(member: AnySwarm, candidate: AnySwarm): Promise<void> {
  const [members, candidates] = [new BlindPairing(member), new BlindPairing(candidate)]
  onTestFinished(() => Promise.all([members.close(), candidates.close()]).then(() => {}))
  const key = Buffer.alloc(32, Math.floor(Math.random() * 256))
  const { discoveryKey, invite, publicKey } = BlindPairing.createInvite(key)
  const waiting = members.addMember({
    discoveryKey,
    onadd: (request) => {
      request.open(publicKey)
      request.confirm({ key })
    }
  })
  await waiting.flushed()
  const paired = candidates.addCandidate({ invite, userData: Buffer.alloc(32), onadd: () => {} })
  expect(await paired.pairing).toMatchObject({ key })
}
