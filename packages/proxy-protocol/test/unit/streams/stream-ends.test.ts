import { expect, test } from 'vitest'
import { randomFrom } from '../../../../runtime/test/support/random.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { ProxyError } from '../../../src/index.js'
import { pattern, Rig } from '../../support/helpers.js'
import { finished, openStream as open, readAll } from '../../support/streams.js'

const empty = new Uint8Array(0)

test('half-close: one side ends, the other continues; then both close without an error', async () => {
  const { rig, near, far } = await open()
  const ends = Promise.all([finished(near), finished(far)])
  let ended = false
  far.on('data', () => {})
  far.on('end', () => {
    ended = true
  })
  near.end('last')
  await until(() => ended)
  const heard: string[] = []
  near.on('data', (chunk) => heard.push(Buffer.from(chunk).toString()))
  far.write('still here')
  await until(() => heard.length === 1)
  far.end()
  expect(await ends).toEqual([null, null])
  expect([far.bytesRead, rig.a.stats.streams, rig.b.stats.streams]).toEqual([4, 0, 0])
  rig.destroy()
})

test('data written before end() arrives even if it needs many windows', async () => {
  const { rig, near, far } = await open({ limits: { streamWindowBytes: 64 * 1024 } })
  const bytes = pattern(1024 * 1024)
  for (let i = 0; i < bytes.byteLength; i += 5000) near.write(bytes.subarray(i, i + 5000))
  near.end()
  expect(Buffer.compare(await readAll(far), bytes)).toBe(0)
  rig.destroy()
})

test('destroy(err) is seen at the other end with code and message', async () => {
  const cases: [Error | undefined, string, string][] = [
    [undefined, 'STREAM_RESET', 'destroyed by the other end'],
    [new Error('plain'), 'STREAM_RESET', 'plain'],
    [new ProxyError('BUFFER_LIMIT', 'too much'), 'BUFFER_LIMIT', 'too much'],
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED', 'refused']
  ]
  const { rig, more } = await open()
  for (const [reason, code, message] of cases) {
    const [near, far] = await more()
    const seen = finished(far)
    near.destroy(reason)
    expect(await seen).toMatchObject({ code, message, remote: true })
  }
  await until(() => rig.a.stats.streams === 1 && rig.b.stats.streams === 1)
  rig.destroy()
})

test('frames that cross a reset are ignored, and ids are freed', async () => {
  const { rig, near, far } = await open()
  far.write(new Uint8Array(60_000))
  await until(() => near.unreadBytes > 0)
  for (let i = 0; i < 5; i++) far.write(new Uint8Array(10_000))
  near.destroy()
  await finished(far)
  await until(() => rig.a.stats.streams === 0 && rig.b.stats.streams === 0)
  expect(near.unreadBytes).toBe(0)
  const both = await open()
  both.near.destroy(new Error('x'))
  both.far.destroy(new Error('y'))
  await until(() => both.rig.a.stats.streams === 0 && both.rig.b.stats.streams === 0)
  expect([rig.a.error, rig.b.error, both.rig.a.error, both.rig.b.error]).toEqual([null, null, null, null])
  rig.destroy()
  both.rig.destroy()
})

test('a handler that throws resets the stream; without a handler streams are refused', async () => {
  const onStream = () => {
    throw new ProxyError('FORBIDDEN', 'no')
  }
  const rig = new Rig({}, { onStream }).connect()
  expect(await finished(rig.a.openStream(empty))).toMatchObject({ code: 'FORBIDDEN', message: 'no' })
  expect(await finished(rig.b.openStream(empty))).toMatchObject({ code: 'NOT_FOUND' })
  rig.destroy()
})

test('a reset without a listener does not end the process', async () => {
  const { rig, near } = await open()
  near.destroy(new Error('x'))
  await until(() => rig.b.stats.streams === 0)
  rig.destroy()
})

test('flush: false when the stream or the session is destroyed first', async () => {
  const { rig, near, more } = await open()
  const [second] = await more()
  rig.a.detach()
  near.write('x')
  second.write('y')
  const flushes = [near.flush(), second.flush()]
  near.destroy()
  rig.a.destroy()
  expect(await Promise.all(flushes)).toEqual([false, false])
  expect(await near.flush()).toBe(false)
  rig.destroy()
})

test('destroying anything at any moment ends silently or with a typed error', async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const below = randomFrom(seed)
    const { rig, near, far, more } = await open()
    const [near2, far2] = await more()
    for (const stream of [near, far, near2, far2]) {
      stream.on('data', () => {})
      if (below(2) === 0) stream.write(new Uint8Array(below(200_000)))
      if (below(3) === 0) stream.end()
    }
    const actions = [
      () => near.destroy(),
      () => far.destroy(new Error('far')),
      () => rig.a.destroy(),
      () => rig.b.destroy(new ProxyError('INTERNAL', 'b')),
      () => rig.cut(),
      () => rig.a.detach(),
      () => near2.end(),
      () => far2.destroy()
    ]
    for (let i = 0; i < 4; i++) {
      await turns(below(4))
      actions[below(actions.length)]?.()
    }
    rig.destroy()
    await until(() => [near, near2].every((stream) => stream.destroyed))
    expect(rig.a.error?.code).not.toBe('PROTOCOL_ERROR')
    expect(rig.b.error?.code).not.toBe('PROTOCOL_ERROR')
  }
})
