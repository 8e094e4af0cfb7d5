/** The signatures among the test vectors of docs/protocol.md, which a client in another language must reproduce. */
import { readFileSync } from 'node:fs'
import type { SignBody } from '@swarmway/proxy-protocol'
import type { KeyPair } from '@swarmway/swarm/core'
import sodium from 'sodium-universal'
import { expect, test } from 'vitest'
import { signAnnouncement, signListenProof, signMutable } from '../../src/node/signing.js'
import type { Challenge } from '../../src/uplink/session/current-session.js'

interface Vector {
  readonly name: string
  readonly seed: string
  readonly hex: string
  readonly value: object
}

const file = new URL('../../../../docs/protocol/vectors.json', import.meta.url)
const { signatures }: { signatures: Vector[] } = JSON.parse(readFileSync(file, 'utf8'), revive)

const SIGNERS: Readonly<Record<string, (value: never, keyPair: KeyPair) => Uint8Array>> = {
  announcement: (value: SignBody, keyPair) => signAnnouncement(value, keyPair),
  withdrawal: (value: SignBody, keyPair) => signAnnouncement(value, keyPair),
  'mutable value': ({ seq, value }: { seq: number; value: Uint8Array }, keyPair) => signMutable(seq, value, keyPair),
  'listen proof': (value: Challenge, keyPair) => signListenProof(value, keyPair)
}

test.each(signatures)('$name', ({ name, seed, hex, value }) => {
  const signature = SIGNERS[name]?.(value as never, keyPairOf(Buffer.from(seed, 'hex')))
  expect(Buffer.from(signature ?? []).toString('hex')).toBe(hex)
})

function keyPairOf(seed: Uint8Array): KeyPair {
  const keyPair = { publicKey: new Uint8Array(32), secretKey: new Uint8Array(64) }
  sodium.crypto_sign_seed_keypair(keyPair.publicKey, keyPair.secretKey, seed)
  return keyPair
}

/** Bytes are `{ "hex": "..." }` in the file. */
function revive(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { hex, ...rest } = value as { hex?: string }
  return hex !== undefined && Object.keys(rest).length === 0 ? new Uint8Array(Buffer.from(hex, 'hex')) : value
}
