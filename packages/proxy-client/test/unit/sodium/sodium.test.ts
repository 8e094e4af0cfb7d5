/**
 * libsodium in WebAssembly, sodium-javascript and native sodium: each must understand what another produces, even in
 * the middle of a stream.
 */
import { randomBytes } from 'node:crypto'
import b4a from 'b4a'
import loadLibsodium, { type Libsodium } from 'libsodium'
import javascript from 'sodium-javascript'
import native from 'sodium-universal'
import { beforeAll, describe, expect, test } from 'vitest'
import { randomFrom } from '../../../../runtime/test/support/random.js'
import { fastFunctions } from '../../../src/sodium/libsodium.js'
import { agrees, type FastFunctions } from '../../../src/sodium/self-test.js'
import { simdSecretStream } from '../../../src/sodium/simd/secret-stream.js'

const OVERHEAD_BYTES = 17
const STATE_BYTES = 52
const MIB = 1024 * 1024

let libsodium: Libsodium
let webAssembly: FastFunctions
let simd: FastFunctions
beforeAll(async () => {
  libsodium = await loadLibsodium()
  webAssembly = fastFunctions(libsodium, unused())
  simd = { ...webAssembly, ...(await simdSecretStream(unused())) }
})

const NAMES = ['JavaScript', 'WebAssembly', 'SIMD', 'native'] as const
type Name = (typeof NAMES)[number]
const PAIRS = NAMES.flatMap((one) => NAMES.map((other) => [one, other] as const))

describe.each(PAIRS)('%s to %s', (one, other) => {
  test('a secret stream', () => {
    const [near, far] = states()
    for (const bytes of sizes()) {
      const message = randomBytes(bytes)
      expect(b4a.equals(pull(other, far, push(one, near, message)), message), `${bytes} bytes`).toBe(true)
      expect(b4a.equals(near, far)).toBe(true)
    }
  })

  test('a signature', () => {
    const [publicKey, secretKey] = keyPair(one)
    expect(keyPair(other).map((key) => b4a.toString(key, 'hex'))).toEqual(
      [publicKey, secretKey].map((key) => b4a.toString(key, 'hex'))
    )
    for (const bytes of sizes(8)) {
      const [message, signature] = [randomBytes(bytes), b4a.alloc(64)]
      sodiumOf(one).crypto_sign_detached(signature, message, secretKey)
      const verify = () => sodiumOf(other).crypto_sign_verify_detached(signature, message, publicKey)
      expect(verify()).toBe(true)
      flip(signature)
      expect(verify()).toBe(false)
    }
  })

  test('a hash', () => {
    for (const bytes of [...sizes(20), 200_000]) {
      const input = randomBytes(bytes)
      const parts = [input.subarray(0, bytes / 3), input.subarray(bytes / 3)]
      for (const key of [undefined, null, randomBytes(16), randomBytes(64)]) {
        const [hash, again] = [b4a.alloc(32), b4a.alloc(32)]
        sodiumOf(one).crypto_generichash(hash, input, ...keyArgument(one, key))
        sodiumOf(other).crypto_generichash_batch(again, parts, ...keyArgument(other, key))
        expect(b4a.toString(hash, 'hex')).toBe(b4a.toString(again, 'hex'))
      }
    }
  })
})

test('the implementation changes in the middle of a stream, at both ends, at any time', () => {
  const [near, far] = states()
  const random = randomFrom(7)
  const any = () => NAMES[random(NAMES.length)] as Name
  for (let i = 0; i < 300; i++) {
    const message = randomBytes(random(2000))
    expect(b4a.equals(pull(any(), far, push(any(), near, message)), message)).toBe(true)
  }
})

test('published test vectors: hashes and signatures', () => {
  const hash = b4a.alloc(64)
  webAssembly.crypto_generichash(hash, b4a.from('abc'))
  // RFC 7693, appendix A
  expect(b4a.toString(hash, 'hex')).toMatch(/^ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1/)
  // RFC 8032, 7.1, test 1
  const [publicKey, secretKey, signature] = [b4a.alloc(32), b4a.alloc(64), b4a.alloc(64)]
  const seed = b4a.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
  webAssembly.crypto_sign_seed_keypair(publicKey, secretKey, seed)
  webAssembly.crypto_sign_detached(signature, b4a.alloc(0), secretKey)
  expect(b4a.toString(publicKey, 'hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
  expect(b4a.toString(signature, 'hex')).toMatch(/^e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155/)
})

test.each(NAMES)('%s rejects a message that was changed on the way, and accepts the next valid one', (name) => {
  const [near, far] = states()
  for (const bytes of [0, 1, 63, 64, 65, 1200]) {
    const message = randomBytes(bytes)
    const cipher = push('native', near, message)
    for (let i = 0; i < cipher.byteLength; i += Math.max(1, Math.floor(cipher.byteLength / 23))) {
      const [before, changed, tag] = [b4a.from(far), b4a.from(cipher), b4a.alloc(1, 9)]
      changed[i] = (changed[i] ?? 0) ^ 1
      const plain = b4a.alloc(bytes, 5)
      const { crypto_secretstream_xchacha20poly1305_pull: pullOne } = sodiumOf(name)
      expect(() => pullOne(far, plain, tag, changed, null)).toThrowError()
      expect(b4a.equals(far, before)).toBe(true)
      if (name === 'WebAssembly' || name === 'SIMD')
        expect([plain.every((byte) => byte === 5), tag[0]]).toEqual([true, 9])
    }
    expect(b4a.equals(pull(name, far, cipher), message)).toBe(true)
  }
})

test('encrypts and decrypts in place, as secret streams do', () => {
  const [near, far] = states()
  const message = randomBytes(1000)
  const wrapped = b4a.alloc(1000 + OVERHEAD_BYTES)
  wrapped.set(message, 1)
  const tag = b4a.alloc(1)
  webAssembly.crypto_secretstream_xchacha20poly1305_push(near, wrapped, wrapped.subarray(1, 1001), null, tag)
  webAssembly.crypto_secretstream_xchacha20poly1305_pull(far, wrapped.subarray(1, 1001), tag, wrapped, null)
  expect(b4a.equals(wrapped.subarray(1, 1001), message)).toBe(true)
})

test('recognises the last message, and takes a new key after it', () => {
  const [near, far] = states()
  const [cipher, tag] = [b4a.alloc(OVERHEAD_BYTES), b4a.alloc(1)]
  webAssembly.crypto_secretstream_xchacha20poly1305_push(near, cipher, b4a.alloc(0), null, b4a.alloc(1, 3))
  native.crypto_secretstream_xchacha20poly1305_pull(far, b4a.alloc(0), tag, cipher, null)
  expect([tag[0], b4a.equals(near, far)]).toEqual([3, true])
})

test('the longest message of a secret stream passes, and grown memory does no harm', () => {
  const [near, far] = states()
  for (const bytes of [16 * MIB - 1 - OVERHEAD_BYTES, 10, MIB]) {
    const message = b4a.alloc(bytes, 3)
    expect(b4a.equals(pull('native', far, push('WebAssembly', near, message)), message)).toBe(true)
  }
})

describe('unusual calls go to JavaScript', () => {
  test('arguments of a wrong size, and their errors', () => {
    const fast = fastFunctions(libsodium, javascript)
    const short = b4a.alloc(5)
    expect(() => fast.crypto_secretstream_xchacha20poly1305_push(short, short, short, null, short)).toThrowError()
    expect(() => fast.crypto_secretstream_xchacha20poly1305_pull(short, short, short, short, null)).toThrowError()
    expect(() => fast.crypto_generichash(short, short)).toThrowError()
    expect(() => fast.crypto_generichash(b4a.alloc(32), short, short)).toThrowError()
    expect(() => fast.crypto_generichash(b4a.alloc(32), 'text' as unknown as Uint8Array)).toThrowError()
    expect(() => fast.crypto_sign_detached(short, short, short)).toThrowError()
    expect(() => fast.crypto_sign_verify_detached(short, short, short)).toThrowError()
    expect(() => fast.crypto_sign_seed_keypair(short, short, short)).toThrowError()
  })

  test.each([
    ['an ArrayBuffer', new ArrayBuffer(64)],
    ['an array of another type', new Uint16Array(32)]
  ])('%s instead of bytes: leftovers of earlier calls in memory were taken for it', (_what, given) => {
    const fast = fastFunctions(libsodium, javascript)
    const message = given as unknown as Uint8Array
    const [publicKey, secretKey] = keyPair('native')
    const outcomes = [fast, javascript].map((functions) => {
      push('WebAssembly', states()[0], b4a.alloc(300, 7))
      functions.crypto_sign_detached(b4a.alloc(64), b4a.alloc(300, 7), secretKey)
      const state = b4a.alloc(STATE_BYTES, 1)
      const [cipher, plain, signature] = [b4a.alloc(64 + OVERHEAD_BYTES), b4a.alloc(64), b4a.alloc(64)]
      return [
        outcome(() => functions.crypto_secretstream_xchacha20poly1305_push(state, cipher, message, null, b4a.alloc(1))),
        outcome(() => functions.crypto_secretstream_xchacha20poly1305_pull(state, plain, b4a.alloc(1), message, null)),
        outcome(() => functions.crypto_sign_detached(signature, message, secretKey)),
        outcome(() => functions.crypto_sign_verify_detached(signature, message, publicKey)),
        ...[state, cipher, plain, signature].map((bytes) => b4a.toString(bytes, 'hex'))
      ]
    })
    expect(outcomes[0]).toEqual(outcomes[1])
  })

  test('additional data, and messages that do not fit in memory', () => {
    const fast = fastFunctions(libsodium, javascript)
    const [near, far] = states()
    const [message, cipher, tag] = [b4a.from('m'), b4a.alloc(1 + OVERHEAD_BYTES), b4a.alloc(1)]
    fast.crypto_secretstream_xchacha20poly1305_push(near, cipher, message, b4a.from('data'), tag)
    const nativeCipher = b4a.alloc(cipher.byteLength)
    native.crypto_secretstream_xchacha20poly1305_push(far, nativeCipher, message, b4a.from('data'), 0)
    expect(b4a.equals(cipher, nativeCipher)).toBe(true)

    const small = fastFunctions({ ...libsodium, _malloc: () => 0 } as Libsodium, javascript)
    const [hash, nativeHash] = [b4a.alloc(32), b4a.alloc(32)]
    small.crypto_generichash(hash, message)
    native.crypto_generichash(nativeHash, message)
    expect(b4a.equals(hash, nativeHash)).toBe(true)
  })
})

test('a libsodium that computes something else from the same bytes does not agree', () => {
  expect(agrees(fastFunctions(libsodium, javascript), javascript)).toBe(true)
  const { _crypto_generichash_update: update } = libsodium
  const other = { ...libsodium, HEAPU8: libsodium.HEAPU8 } as Libsodium
  Object.assign(other, { _crypto_generichash_update: (at: number, input: number) => update(at, input, 1, 0) })
  expect(agrees(fastFunctions(other, javascript), javascript)).toBe(false)
})

/** What a call returns, or "throws". */
function outcome(call: () => unknown): unknown {
  try {
    return call()
  } catch {
    return 'throws'
  }
}

function sodiumOf(name: Name): FastFunctions {
  return { JavaScript: javascript, WebAssembly: webAssembly, SIMD: simd, native }[name]
}

function push(name: Name, state: Uint8Array, message: Uint8Array): Uint8Array {
  const cipher = b4a.alloc(message.byteLength + OVERHEAD_BYTES)
  // Each implementation has its own constants for the tags.
  const tag = name === 'JavaScript' ? b4a.alloc(1) : 0
  sodiumOf(name).crypto_secretstream_xchacha20poly1305_push(state, cipher, message, null, tag)
  return cipher
}

function pull(name: Name, state: Uint8Array, cipher: Uint8Array): Uint8Array {
  const message = b4a.alloc(cipher.byteLength - OVERHEAD_BYTES)
  sodiumOf(name).crypto_secretstream_xchacha20poly1305_pull(state, message, b4a.alloc(1), cipher, null)
  return message
}

/** Both ends of a stream. */
function states(): [Uint8Array, Uint8Array] {
  const state = b4a.concat([randomBytes(32), b4a.from([1, 0, 0, 0]), randomBytes(8), b4a.alloc(8)])
  expect(state.byteLength).toBe(STATE_BYTES)
  return [state, b4a.from(state)]
}

function keyPair(name: Name): [Uint8Array, Uint8Array] {
  const [publicKey, secretKey] = [b4a.alloc(32), b4a.alloc(64)]
  sodiumOf(name).crypto_sign_seed_keypair(publicKey, secretKey, b4a.alloc(32, 8))
  return [publicKey, secretKey]
}

/** Native sodium does not accept null. */
function keyArgument(name: Name, key: Uint8Array | null | undefined): [Uint8Array?] | [null] {
  if (key == null) return name === 'native' ? [] : [key as null]
  return [key]
}

function flip(bytes: Uint8Array): void {
  bytes[3] = (bytes[3] ?? 0) ^ 1
}

/** 0, sizes around the block sizes of the algorithms, and random others. */
function sizes(howMany = 60): number[] {
  const random = randomFrom(howMany)
  const others = Array.from({ length: howMany }, () => random(1 + random(70_000)))
  return [0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, ...others]
}

/** Fails if any usual call is left to JavaScript. */
function unused(): FastFunctions {
  return new Proxy({} as FastFunctions, {
    get: (_target, name) => () => expect.unreachable(`${String(name)} was left to JavaScript`)
  })
}
