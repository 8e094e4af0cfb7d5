import { edwards } from '@noble/curves/abstract/edwards.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import b4a from 'b4a'
import sodium from 'sodium-universal'

/**
 * The curve of RFC 8032, section 5.1. Not `@noble/curves/ed25519.js`, which brings hashes and signatures along, and needs a
 * TextEncoder to load. In hexadecimal texts, because compilers for older engines know neither bigint literals nor powers.
 */
const Point = edwards({
  p: BigInt('0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed'),
  n: BigInt('0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed'),
  h: BigInt(8),
  a: BigInt('0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec'),
  d: BigInt('0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3'),
  Gx: BigInt('0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a'),
  Gy: BigInt('0x6666666666666666666666666666666666666666666666666666666666666658')
})

const KEY_BYTES = 32
const SECRET_KEY_BYTES = 64

interface NoiseKeyPair {
  publicKey: Uint8Array
  secretKey: Uint8Array
  /** Used instead of the scalar of `secretKey`; set in keys that were derived from others. */
  scalar?: Uint8Array
}

/**
 * Ed25519 for a Noise handshake on sodium-javascript, which has no multiplication on this curve.
 * Produces the same bytes as `noise-curve-ed`.
 */
export default {
  ALG: 'Ed25519',
  name: 'Ed25519',
  DHLEN: KEY_BYTES,
  PKLEN: KEY_BYTES,
  SCALARLEN: KEY_BYTES,
  SKLEN: SECRET_KEY_BYTES,
  generateKeyPair,
  dh
}

function generateKeyPair(): NoiseKeyPair {
  const keyPair = { publicKey: b4a.alloc(KEY_BYTES), secretKey: b4a.alloc(SECRET_KEY_BYTES) }
  const seed = b4a.alloc(KEY_BYTES)
  sodium.randombytes_buf(seed)
  // Not `crypto_sign_keypair`, which WebAssembly does not speed up.
  sodium.crypto_sign_seed_keypair(keyPair.publicKey, keyPair.secretKey, seed)
  return keyPair
}

/** Throws on a key that libsodium refuses: not canonical, not on the curve, or not in the group of prime order. */
function dh(publicKey: Uint8Array, { scalar, secretKey }: NoiseKeyPair): Uint8Array {
  const point = Point.fromBytes(publicKey)
  // Multiplying a point outside the group would reveal some bits of our secret.
  if (point.is0() || !point.isTorsionFree()) throw new Error('the public key is not in the group')
  const factor = Point.Fn.create(bytesToNumberLE(scalar ?? scalarOf(secretKey)))
  return b4a.from(point.multiply(factor).toBytes())
}

/** A secret key holds the seed of the scalar. */
function scalarOf(secretKey: Uint8Array): Uint8Array {
  const hash = b4a.alloc(64)
  sodium.crypto_hash_sha512(hash, secretKey.subarray(0, KEY_BYTES))
  const scalar = hash.subarray(0, KEY_BYTES)
  scalar[0] = (scalar[0] ?? 0) & 0xf8
  scalar[31] = ((scalar[31] ?? 0) & 0x7f) | 0x40
  return scalar
}
