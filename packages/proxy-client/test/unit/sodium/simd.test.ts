/** The ciphers in vectors of WebAssembly: what standards and plain arithmetic say, and what they leave to others. */
import { randomBytes } from 'node:crypto'
import b4a from 'b4a'
import javascript from 'sodium-javascript'
import native from 'sodium-universal'
import { afterEach, expect, test, vi } from 'vitest'
import { randomFrom } from '../../../../runtime/test/support/random.js'
import { fastestFunctions } from '../../../src/sodium/libsodium.js'
import type { SecretStreamFunctions } from '../../../src/sodium/secret-stream.js'
import { assemble } from '../../../src/sodium/simd/assembler.js'
import { chacha20 } from '../../../src/sodium/simd/chacha20.js'
import { poly1305 } from '../../../src/sodium/simd/poly1305.js'
import {
  type Kernel,
  MAX_MESSAGE_BYTES,
  simdSecretStream,
  type WebAssemblyScope
} from '../../../src/sodium/simd/secret-stream.js'

const OVERHEAD_BYTES = 17
const [STATE_AT, MAC_AT, KEY_AT, TEXT_AT] = [0, 64, 80, 128]
const PRIME = 2n ** 130n - 5n

const { WebAssembly } = globalThis as unknown as WebAssemblyScope

afterEach(() => vi.restoreAllMocks())

test('ChaCha20 of RFC 8439, 2.4.2', async () => {
  const { bytes, functions } = await kernel()
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
  bytes.set(b4a.from('expand 32-byte k'), STATE_AT)
  bytes.set(
    Array.from({ length: 32 }, (_, index) => index),
    16
  )
  bytes.set(b4a.from('000000000000004a00000000', 'hex'), 52)
  bytes.set(b4a.from(text), TEXT_AT)
  functions.chacha20(TEXT_AT, 1, 1)
  expect(b4a.toString(bytes.subarray(TEXT_AT, TEXT_AT + text.length), 'hex')).toBe(
    '6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b357' +
      '1639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736' +
      '5af90bbf74a35be6b40b8eedf2785e42874d'
  )
})

test('Poly1305 of RFC 8439, 2.5.2', async () => {
  const key = b4a.from('85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b', 'hex')
  const mac = authenticate(await kernel(), key, b4a.from('Cryptographic Forum Research Group'))
  expect(b4a.toString(mac, 'hex')).toBe('a8061dc1305136c6c22b8baf0c0127a9')
})

test('Poly1305 is what the arithmetic of whole numbers says, also of the largest and the smallest', async () => {
  const [made, random] = [await kernel(), randomFrom(5)]
  const extremes = [0x00, 0xff, 0xfe, 0xfb, 0x01]
  const anyByte = () => extremes[random(extremes.length)] ?? 0
  for (let i = 0; i < 2000; i++) {
    const isExtreme = i % 2 === 0
    const key = isExtreme ? b4a.from(Array.from({ length: 32 }, anyByte)) : randomBytes(32)
    // The key 1 leaves the sum of the blocks as it is, just below and above the prime.
    if (i % 8 === 0) key.set([1, ...Array(15).fill(0)])
    const length = 16 + random(100)
    const message = isExtreme ? b4a.from(Array.from({ length }, anyByte)) : randomBytes(length)
    expect(b4a.toString(authenticate(made, key, message), 'hex')).toBe(expectedMac(key, message))
  }
})

test('leaves to others what is long, and messages around a change of keys', async () => {
  const left: string[] = []
  const streams = await simdSecretStream(spied(left))
  for (const [bytes, tag, counter, isLeft] of [
    [MAX_MESSAGE_BYTES, 0, 1, false],
    [MAX_MESSAGE_BYTES + 1, 0, 1, true],
    [100, 1, 1, false],
    [100, 2, 1, true],
    [100, 3, 1, true],
    [100, 0, 0xfffffffe, false],
    [100, 0, 0xffffffff, true]
  ] as const) {
    const [near, far] = states(counter)
    const [message, sealed, foundTag] = [randomBytes(bytes), b4a.alloc(bytes + OVERHEAD_BYTES), b4a.alloc(1)]
    streams.crypto_secretstream_xchacha20poly1305_push(near, sealed, message, null, b4a.alloc(1, tag))
    const plain = b4a.alloc(bytes)
    streams.crypto_secretstream_xchacha20poly1305_pull(far, plain, foundTag, sealed, null)
    expect([b4a.equals(plain, message), foundTag[0], b4a.equals(near, far)]).toEqual([true, tag, true])
    expect(left.splice(0), `${bytes} bytes, tag ${tag}, message ${counter}`).toEqual(isLeft ? ['push', 'pull'] : [])
  }
})

test.each([
  ['vectors', (kernel: Kernel) => kernel, true],
  // libsodium alone is used then.
  ['no vectors', () => Promise.reject(new Error('an instruction is not known')), false],
  ['other results', (kernel: Kernel) => ({ ...kernel, poly1305: () => {} }), false]
])('in a browser with %s', async (_what, change, isSimd) => {
  const { instantiate } = WebAssembly
  let calls = 0
  const instantiateOurs = async (code: Uint8Array) => {
    const { memory, poly1305, chacha20 } = (await instantiate(code)).instance.exports as Kernel
    const counting: Kernel['chacha20'] = (...given) => {
      calls++
      chacha20(...given)
    }
    return { instance: { exports: await change({ memory, poly1305, chacha20: counting }) } }
  }
  vi.spyOn(WebAssembly, 'instantiate').mockImplementation((code: Uint8Array, imports?: object) =>
    imports === undefined ? instantiateOurs(code) : instantiate(code, imports)
  )
  const functions = await fastestFunctions({ ...javascript })
  const [near, far] = states(1)
  calls = 0
  const [sealed, plain, tag] = [b4a.alloc(117), b4a.alloc(100), b4a.alloc(1)]
  functions?.crypto_secretstream_xchacha20poly1305_push(near, sealed, plain, null, tag)
  expect(calls > 0).toBe(isSimd)
  native.crypto_secretstream_xchacha20poly1305_pull(far, plain, tag, sealed, null)
  expect(b4a.equals(near, far)).toBe(true)
})

interface Made {
  readonly bytes: Uint8Array
  readonly functions: Kernel
}

async function kernel(): Promise<Made> {
  const code = assemble([chacha20(STATE_AT), poly1305(KEY_AT, MAC_AT)], 1024)
  const functions = (await WebAssembly.instantiate(code)).instance.exports as Kernel
  return { bytes: new Uint8Array(functions.memory.buffer), functions }
}

function authenticate({ bytes, functions }: Made, key: Uint8Array, message: Uint8Array): Uint8Array {
  bytes.set(key, KEY_AT)
  bytes.set(message, TEXT_AT)
  bytes.fill(0, TEXT_AT + message.byteLength).fill(1, TEXT_AT + message.byteLength, TEXT_AT + message.byteLength + 1)
  functions.poly1305(TEXT_AT, message.byteLength >>> 4, message.byteLength % 16)
  return bytes.slice(MAC_AT, MAC_AT + 16)
}

/** In hex. */
function expectedMac(key: Uint8Array, message: Uint8Array): string {
  const r = numberOf(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
  let sum = 0n
  for (let at = 0; at < message.byteLength; at += 16)
    sum = ((sum + numberOf([...message.subarray(at, at + 16), 1])) * r) % PRIME
  const mac = (sum + numberOf(key.subarray(16))) & (2n ** 128n - 1n)
  return b4a.toString(b4a.from(mac.toString(16).padStart(32, '0'), 'hex').reverse(), 'hex')
}

function numberOf(bytes: Iterable<number>): bigint {
  return [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}

/** Native ones that note what they are asked. */
function spied(left: string[]): SecretStreamFunctions {
  const { crypto_secretstream_xchacha20poly1305_push: push, crypto_secretstream_xchacha20poly1305_pull: pull } = native
  return {
    crypto_secretstream_xchacha20poly1305_push(state, sealed, message, data, tag) {
      left.push('push')
      return push(state, sealed, message, data, typeof tag === 'number' ? tag : (tag[0] ?? 0))
    },
    crypto_secretstream_xchacha20poly1305_pull(...given) {
      left.push('pull')
      return pull(...given)
    }
  }
}

/** Both ends of a stream, at this message. */
function states(counter: number): [Uint8Array, Uint8Array] {
  const state = b4a.alloc(52)
  state.set(randomBytes(44))
  new DataView(state.buffer, state.byteOffset).setUint32(32, counter, true)
  return [state, b4a.from(state)]
}
