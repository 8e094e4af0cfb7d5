import { edwards } from '@noble/curves/abstract/edwards.js'

/**
 * The curve of RFC 8032, section 5.1. Not `@noble/curves/ed25519.js`, which brings hashes and signatures along, and needs a
 * TextEncoder to load. In hexadecimal texts, because compilers for older engines know neither bigint literals nor powers.
 */
export const Point = edwards({
  p: BigInt('0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed'),
  n: BigInt('0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed'),
  h: BigInt(8),
  a: BigInt('0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec'),
  d: BigInt('0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3'),
  Gx: BigInt('0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a'),
  Gy: BigInt('0x6666666666666666666666666666666666666666666666666666666666666658')
})
