import { createSocket, type Socket } from 'node:dgram'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { until } from '../../../../runtime/test/support/until.js'
import { StunResponder } from '../../../src/stun/responder.js'

const REQUEST = b4a.from(`000100002112a442${'07'.repeat(12)}`, 'hex')

async function setUp() {
  const clock = new FakeClock()
  const responder = await StunResponder.listen({ port: 0, host: '127.0.0.1', clock })
  onTestFinished(() => responder.close())
  const socket: Socket = createSocket('udp4')
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  const answers: Uint8Array[] = []
  socket.on('message', (answer) => answers.push(answer))
  const ask = (message: Uint8Array = REQUEST) => socket.send(message, responder.port, '127.0.0.1')
  return { answers, ask, clock, responder, socket }
}

test('a client learns its port', async () => {
  const { answers, ask, socket } = await setUp()
  ask()
  await until('an answer', () => answers.length === 1)
  const port = new DataView(Uint8Array.from(answers[0] ?? []).buffer).getUint16(26) ^ 0x2112
  expect(port).toBe(socket.address().port)
})

test('one address gets forty answers at once, and ten a second from then on', async () => {
  const { answers, ask, clock, responder } = await setUp()
  for (let i = 0; i < 60; i++) ask()
  await until('all have arrived', () => responder.answered + responder.ignored === 60)
  expect([responder.answered, responder.ignored]).toEqual([40, 20])
  await clock.advance(1000)
  for (let i = 0; i < 20; i++) ask()
  await until('all have arrived', () => responder.answered + responder.ignored === 80)
  expect(responder.answered).toBe(50)
  await until('they were sent', () => answers.length === 50)
})

test('what is not a request is ignored', async () => {
  const { ask, responder } = await setUp()
  for (let length = 1; length < 30; length++) ask(new Uint8Array(length))
  await until('all have arrived', () => responder.ignored === 29)
  expect(responder.answered).toBe(0)
})

test('a port that is in use is an error, and closing frees it', async () => {
  const { responder } = await setUp()
  const { port } = responder
  await expect(StunResponder.listen({ port, host: '127.0.0.1' })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await Promise.all([responder.close(), responder.close()])
  const next = await StunResponder.listen({ port, host: '127.0.0.1' })
  await next.close()
})

test('without an address it listens on all, where there is IPv6 and where there is not', async () => {
  const responder = await StunResponder.listen({ port: 0 })
  expect(responder.port).toBeGreaterThan(0)
  await responder.close()
})
