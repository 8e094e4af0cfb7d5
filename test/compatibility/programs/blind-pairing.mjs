// A candidate announces a throw-away key on which nobody listens, and is paired by a member.
import { createSwarm, installed, pass } from './support.mjs'

const BlindPairing = installed('blind-pairing')
const [members, candidates] = [new BlindPairing(createSwarm()), new BlindPairing(createSwarm())]
const key = Buffer.alloc(32, 7)
const { discoveryKey, invite, publicKey } = BlindPairing.createInvite(key)
const member = members.addMember({
  discoveryKey,
  onadd(request) {
    request.open(publicKey)
    request.confirm({ key })
  }
})
await member.flushed()
const candidate = candidates.addCandidate({ invite, userData: Buffer.alloc(32), onadd: () => {} })
const paired = await candidate.pairing
if (!key.equals(paired.key)) throw new Error('paired with another key')
pass()
