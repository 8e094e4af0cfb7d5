import { type Code, type Func, get, i32, repeat, set, TYPE, v128 } from './assembler.js'

/** Bytes that are encrypted at once: four blocks, whose words are in the four parts of a vector. */
export const GROUP_BYTES = 256
const BLOCK_BYTES = 64
const DOUBLE_ROUNDS = 10

const [AT, GROUPS, COUNTER, ROUNDS] = [0, 1, 2, 3] as const
const X = 4
/** The words of the state that are the block counters of the group. */
const COUNTERS = X + 16
const T = COUNTERS + 1

/** The words that take part in each quarter round of a double round. */
const QUARTERS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14]
] as const

/**
 * `chacha20(at, groups, counter)`: XORs so many groups of bytes with the key stream of ChaCha20 (RFC 8439). The state is
 * at `stateAt`, with any counter.
 */
export function chacha20(stateAt: number): Func {
  const word = (index: number) => (index === 12 ? get(COUNTERS) : v128.loadSplat(i32.const(0), stateAt + 4 * index))
  const words = [...Array(16).keys()]
  return {
    name: 'chacha20',
    parameters: 3,
    locals: [TYPE.i32, ...Array(T + 4 - X).fill(TYPE.v128)],
    body: repeat(GROUPS, [
      ...set(COUNTERS, v128.add(v128.splat(get(COUNTER)), v128.const(0, 1, 2, 3))),
      ...words.flatMap((index) => set(X + index, word(index))),
      ...set(ROUNDS, i32.const(DOUBLE_ROUNDS)),
      ...repeat(ROUNDS, QUARTERS.flatMap(quarterRound)),
      ...words.flatMap((index) => set(X + index, v128.add(get(X + index), word(index)))),
      ...[0, 4, 8, 12].flatMap(xorRows),
      ...set(AT, i32.add(get(AT), i32.const(GROUP_BYTES))),
      ...set(COUNTER, i32.add(get(COUNTER), i32.const(GROUP_BYTES / BLOCK_BYTES)))
    ])
  }
}

function quarterRound([a, b, c, d]: (typeof QUARTERS)[number]): Code {
  return [...step(a, b, d, 16), ...step(c, d, b, 12), ...step(a, b, d, 8), ...step(c, d, b, 7)]
}

/** `a += b; d = (d ^ a) rotated left`. */
function step(a: number, b: number, d: number, bits: number): Code {
  return [
    ...set(X + a, v128.add(get(X + a), get(X + b))),
    ...set(X + d, v128.xor(get(X + d), get(X + a))),
    ...set(X + d, rotated(get(X + d), bits))
  ]
}

function rotated(value: Code, bits: number): Code {
  return v128.or(v128.shl(value, i32.const(bits)), v128.shr(value, i32.const(32 - bits)))
}

/** Turns four words of each of the four blocks into 16 bytes of each block, and XORs these with the memory. */
function xorRows(first: number): Code {
  const [a, b, c, d] = [0, 1, 2, 3].map((index) => get(X + first + index)) as [Code, Code, Code, Code]
  const pairs = [low32(a, b), high32(a, b), low32(c, d), high32(c, d)]
  const [ab, abHigh, cd, cdHigh] = pairs.map((_, index) => get(T + index)) as [Code, Code, Code, Code]
  const rows = [low64(ab, cd), high64(ab, cd), low64(abHigh, cdHigh), high64(abHigh, cdHigh)]
  return [
    ...pairs.flatMap((pair, index) => set(T + index, pair)),
    ...rows.flatMap((row, block) => {
      const offset = BLOCK_BYTES * block + 4 * first
      return v128.store(get(AT), offset, v128.xor(v128.load(get(AT), offset), row))
    })
  ]
}

const low32 = interleaved(0, 16, 4, 20)
const high32 = interleaved(8, 24, 12, 28)
const low64 = interleaved(0, 4, 16, 20)
const high64 = interleaved(8, 12, 24, 28)

/** Two vectors as one, of the words that begin at these bytes of both. */
function interleaved(...words: readonly number[]): (left: Code, right: Code) => Code {
  const bytes = words.flatMap((word) => [word, word + 1, word + 2, word + 3])
  return (left, right) => v128.shuffle(left, right, bytes)
}
