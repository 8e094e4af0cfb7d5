/** Writes WebAssembly: the few instructions that the ciphers need, and a module of functions with one memory. */

/** Bytes of a program. Of an expression: they leave its value on the stack. */
export type Code = readonly number[]

const [I32, I64, V128] = [0x7f, 0x7e, 0x7b] as const
const SIMD = 0xfd
const PAGE_BYTES = 64 * 1024

/** Types of locals. */
export const TYPE = { i32: I32, i64: I64, v128: V128 } as const

/** An unsigned LEB128 number. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

/** A signed one. */
function signed(value: bigint): Code {
  const low = Number(BigInt.asUintN(7, value))
  const rest = value >> 7n
  const isLast = rest === ((low & 0x40) === 0 ? 0n : -1n)
  return isLast ? [low] : [low | 0x80, ...signed(rest)]
}

type Binary = (left: Code, right: Code) => Code

function binary(...opcode: Code): Binary {
  return (left, right) => [...left, ...right, ...opcode]
}

/** Integers of 32 bits. */
export const i32 = {
  const: (value: number): Code => [0x41, ...signed(BigInt(value))],
  add: binary(0x6a),
  sub: binary(0x6b)
}

/** Integers of 64 bits. */
export const i64 = {
  const: (value: bigint): Code => [0x42, ...signed(value)],
  load: (at: Code, offset: number): Code => [...at, 0x29, 0, ...unsigned(offset)],
  store: (at: Code, offset: number, value: Code): Code => [...at, ...value, 0x37, 0, ...unsigned(offset)],
  add: binary(0x7c),
  sub: binary(0x7d),
  mul: binary(0x7e),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shl: binary(0x86),
  shr: binary(0x88),
  /** 1 if the first is less than the second, both unsigned, else 0. */
  isLess: binary(0x54, 0xad)
}

/** Four integers of 32 bits. */
export const v128 = {
  load: (at: Code, offset: number): Code => [...at, SIMD, 0, 0, ...unsigned(offset)],
  store: (at: Code, offset: number, value: Code): Code => [...at, ...value, SIMD, 11, 0, ...unsigned(offset)],
  /** Four times the integer at an address. */
  loadSplat: (at: Code, offset: number): Code => [...at, SIMD, 9, 0, ...unsigned(offset)],
  splat: (value: Code): Code => [...value, SIMD, 17],
  const: (...words: readonly [number, number, number, number]): Code => [
    SIMD,
    12,
    ...new Uint8Array(new Uint32Array(words).buffer)
  ],
  /** Each byte by its index in the two together. */
  shuffle: (left: Code, right: Code, bytes: Code): Code => [...left, ...right, SIMD, 13, ...bytes],
  add: binary(SIMD, 0xae, 1),
  xor: binary(SIMD, 0x51),
  or: binary(SIMD, 0x50),
  shl: binary(SIMD, 0xab, 1),
  shr: binary(SIMD, 0xad, 1)
}

/** The value of a local. Parameters are the first locals. */
export function get(local: number): Code {
  return [0x20, local]
}

export function set(local: number, value: Code): Code {
  return [...value, 0x21, local]
}

/** Repeats `body` until the local, less one each time, is 0. */
export function repeat(local: number, body: Code): Code {
  return [0x03, 0x40, ...body, ...i32.sub(get(local), i32.const(1)), 0x22, local, 0x0d, 0, 0x0b]
}

/** Runs `body` unless the local is 0. */
export function when(local: number, body: Code): Code {
  return [...get(local), 0x04, 0x40, ...body, 0x0b]
}

/** A function without result, whose parameters are all i32. */
export interface Func {
  readonly name: string
  readonly parameters: number
  /** Of the locals after the parameters. */
  readonly locals: readonly number[]
  readonly body: Code
}

/** A module with these functions and a memory, which is exported as `memory`. */
export function assemble(functions: readonly Func[], memoryBytes: number): Uint8Array<ArrayBuffer> {
  const exports = functions.map(({ name }, index) => [...text(name), 0, index])
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(functions.map(({ parameters }) => [0x60, ...vector(Array(parameters).fill([I32])), 0]))),
    ...section(3, vector(functions.map((_, index) => [index]))),
    ...section(5, [1, 0, ...unsigned(Math.ceil(memoryBytes / PAGE_BYTES))]),
    ...section(7, vector([...exports, [...text('memory'), 2, 0]])),
    ...section(10, vector(functions.map(code)))
  ])
}

function code({ locals, body }: Func): Code {
  const bytes = [...vector(locals.map((type) => [1, type])), ...body, 0x0b]
  return [...unsigned(bytes.length), ...bytes]
}

function section(id: number, bytes: Code): Code {
  return [id, ...unsigned(bytes.length), ...bytes]
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function text(characters: string): Code {
  return vector([...characters].map((character) => [character.charCodeAt(0)]))
}
