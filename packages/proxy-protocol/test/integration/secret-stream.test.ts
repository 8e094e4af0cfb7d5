import { createRequire } from 'node:module'
import type { Duplex } from 'streamx'
import { expect, test } from 'vitest'
import { turns, until } from '../../../runtime/test/support/until.js'
import type { PeerStream } from '../../src/index.js'
import { pattern, Rig } from '../support/helpers.js'

/** The part of @hyperswarm/secret-stream that the tests use; the package has no types. */
interface NoiseSecretStream extends Duplex {
  readonly publicKey: Uint8Array
  readonly remotePublicKey: Uint8Array
  readonly handshakeHash: Uint8Array
  readonly opened: Promise<boolean>
  flush(): Promise<boolean>
}

type SecretStreamClass = new (isInitiator: boolean, rawStream: PeerStream) => NoiseSecretStream

const require = createRequire(import.meta.url)
const SecretStream = require('@hyperswarm/secret-stream') as SecretStreamClass

async function secretPair(): Promise<{ rig: Rig; near: NoiseSecretStream; far: NoiseSecretStream }> {
  const accepted: PeerStream[] = []
  const rig = new Rig({}, { onStream: (stream) => accepted.push(stream) }).connect()
  const near = new SecretStream(true, rig.a.openStream(new Uint8Array(0)))
  await until(() => accepted.length === 1)
  const far = new SecretStream(false, accepted[0] as PeerStream)
  for (const stream of [near, far]) stream.on('error', () => {})
  expect(await Promise.all([near.opened, far.opened])).toEqual([true, true])
  return { rig, near, far }
}

test('handshake, transfer in both directions across cut links, half-close', async () => {
  const { rig, near, far } = await secretPair()
  expect(Buffer.compare(near.handshakeHash, far.handshakeHash)).toBe(0)
  expect(Buffer.compare(near.publicKey, far.remotePublicKey)).toBe(0)
  const bytes = pattern(3 * 1024 * 1024)
  const chunks: [Uint8Array[], Uint8Array[]] = [[], []]
  const ended = [false, false]
  ;[near, far].forEach((stream, i) => {
    stream.on('data', (chunk) => chunks[i as 0 | 1].push(chunk as Uint8Array))
    stream.on('end', () => {
      ended[i] = true
    })
    for (let offset = 0; offset < bytes.byteLength; offset += 3000) stream.write(bytes.slice(offset, offset + 3000))
    stream.end(undefined)
  })
  for (let round = 1; !ended[0] || !ended[1]; round++) {
    await turns(2)
    if (round > 200 || round % 5 !== 0) continue
    rig.cut()
    rig.connect()
  }
  for (const side of chunks) expect(Buffer.compare(Buffer.concat(side), bytes)).toBe(0)
  await until(() => near.destroyed && far.destroyed)
  expect([rig.a.stats.streams, rig.b.stats.streams]).toEqual([0, 0])
  rig.destroy()
})

test('flush, and destroy with an error', async () => {
  const { rig, near, far } = await secretPair()
  near.write(Buffer.from('x'))
  expect(await near.flush()).toBe(true)
  const failure = new Promise<Error>((resolve) => far.on('error', resolve))
  near.destroy(Object.assign(new Error('gone'), { code: 'MY_REASON' }))
  expect(await failure).toMatchObject({ code: 'MY_REASON', message: 'gone' })
  rig.destroy()
})
