import { type Code, type Func, get, i32, i64, repeat, set, TYPE, when } from './assembler.js'

/** Numbers have five limbs of 26 bits. */
const LIMBS = [0, 1, 2, 3, 4] as const
const LIMB_BITS = 26n
const LIMB = i64.const(2n ** LIMB_BITS - 1n)
const BITS = i64.const(LIMB_BITS)
/** The bit behind a block of 16 bytes, in its last limb. */
const BLOCK_END = 1n << 24n
/** What is kept of the first half of the key, by halves. */
const CLAMP = [0x0ffffffc0fffffffn, 0x0ffffffc0ffffffcn] as const

const [AT, BLOCKS, HAS_REST] = [0, 1, 2] as const
const [R, R5, H, D] = [3, 8, 13, 18] as const
const [LOW, HIGH] = [23, 24] as const
const LOCALS = 22

/**
 * `poly1305(at, blocks, hasRest)`: authenticates so many blocks of 16 bytes, at least one, with Poly1305 (RFC 8439). A rest
 * is a block as well, with a 1 and zeros behind it. The key is at `keyAt`, and the authenticator is put at `tagAt`.
 */
export function poly1305(keyAt: number, tagAt: number): Func {
  return {
    name: 'poly1305',
    parameters: 3,
    locals: Array(LOCALS).fill(TYPE.i64),
    body: [
      ...loadKey(keyAt),
      ...repeat(BLOCKS, [...takeBlock(BLOCK_END), ...set(AT, i32.add(get(AT), i32.const(16)))]),
      ...when(HAS_REST, takeBlock(0n)),
      ...reduce(),
      ...store(keyAt, tagAt)
    ]
  }
}

function loadKey(keyAt: number): Code {
  return [
    ...set(LOW, i64.and(i64.load(i32.const(0), keyAt), i64.const(CLAMP[0]))),
    ...set(HIGH, i64.and(i64.load(i32.const(0), keyAt + 8), i64.const(CLAMP[1]))),
    ...LIMBS.flatMap((limb) => set(R + limb, limbOf(limb))),
    ...LIMBS.flatMap((limb) => set(R5 + limb, i64.mul(get(R + limb), i64.const(5n))))
  ]
}

/** A limb of the number of 128 bits in LOW and HIGH. */
function limbOf(limb: (typeof LIMBS)[number]): Code {
  const position = LIMB_BITS * BigInt(limb)
  if (limb === 4) return i64.shr(get(HIGH), i64.const(position - 64n))
  if (limb === 3) return i64.and(i64.shr(get(HIGH), i64.const(position - 64n)), LIMB)
  const low = i64.shr(get(LOW), i64.const(position))
  return i64.and(limb === 2 ? i64.or(low, i64.shl(get(HIGH), i64.const(64n - position))) : low, LIMB)
}

function takeBlock(end: bigint): Code {
  return [
    ...set(LOW, i64.load(get(AT), 0)),
    ...set(HIGH, i64.load(get(AT), 8)),
    ...LIMBS.flatMap((limb) => {
      const value = limb === 4 ? i64.or(limbOf(limb), i64.const(end)) : limbOf(limb)
      return set(H + limb, i64.add(get(H + limb), value))
    }),
    ...multiply()
  ]
}

/** `h = h * r` modulo 2^130 - 5, the first limb perhaps some bits longer. */
function multiply(): Code {
  return [
    ...LIMBS.flatMap((limb) => set(D + limb, LIMBS.map((other) => product(limb, other)).reduce(i64.add))),
    ...LIMBS.flatMap((limb) => [
      ...set(H + limb, i64.and(get(D + limb), LIMB)),
      ...(limb === 4 ? [] : carry(D + limb, D + limb + 1))
    ]),
    ...set(H, i64.add(get(H), i64.mul(i64.shr(get(D + 4), BITS), i64.const(5n)))),
    ...set(H + 1, i64.add(get(H + 1), i64.shr(get(H), BITS))),
    ...set(H, i64.and(get(H), LIMB))
  ]
}

/** What one limb of `h` adds to a limb of the product: above 2^130, five times as much. */
function product(limb: number, other: number): Code {
  return i64.mul(get(H + other), get(other <= limb ? R + limb - other : R5 + limb - other + 5))
}

function carry(from: number, to: number): Code {
  return set(to, i64.add(get(to), i64.shr(get(from), BITS)))
}

/** `h` modulo 2^130 - 5, which is `h + 5 - 2^130` unless that is negative. */
function reduce(): Code {
  return [
    ...[1, 2, 3].flatMap((limb) => trimmed(H + limb, H + limb + 1)),
    ...set(H, i64.add(get(H), i64.mul(i64.shr(get(H + 4), BITS), i64.const(5n)))),
    ...set(H + 4, i64.and(get(H + 4), LIMB)),
    ...[0, 1, 2, 3].flatMap((limb) => trimmed(H + limb, H + limb + 1)),
    ...LIMBS.flatMap((limb) => set(D + limb, get(H + limb))),
    ...set(D, i64.add(get(D), i64.const(5n))),
    ...[0, 1, 2, 3].flatMap((limb) => trimmed(D + limb, D + limb + 1)),
    // All ones if the difference is negative.
    ...set(LOW, i64.sub(i64.shr(get(D + 4), BITS), i64.const(1n))),
    ...LIMBS.flatMap((limb) =>
      set(H + limb, i64.xor(get(D + limb), i64.and(i64.xor(get(H + limb), get(D + limb)), get(LOW))))
    )
  ]
}

function trimmed(from: number, to: number): Code {
  return [...carry(from, to), ...set(from, i64.and(get(from), LIMB))]
}

/** `h` plus the second half of the key, modulo 2^128. */
function store(keyAt: number, tagAt: number): Code {
  const [zero, shifted] = [i32.const(0), (limb: number, bits: bigint) => i64.shl(get(H + limb), i64.const(bits))]
  const low = i64.or(i64.or(get(H), shifted(1, 26n)), shifted(2, 52n))
  const high = i64.or(i64.or(i64.shr(get(H + 2), i64.const(12n)), shifted(3, 14n)), shifted(4, 40n))
  return [
    ...set(LOW, i64.add(low, i64.load(zero, keyAt + 16))),
    ...set(HIGH, i64.add(high, i64.load(zero, keyAt + 24))),
    ...set(HIGH, i64.add(get(HIGH), i64.isLess(get(LOW), i64.load(zero, keyAt + 16)))),
    ...i64.store(zero, tagAt, get(LOW)),
    ...i64.store(zero, tagAt + 8, get(HIGH))
  ]
}
