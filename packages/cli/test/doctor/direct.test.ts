import { createSocket } from 'node:dgram'
import { StunResponder } from '@swarmway/proxy-server'
import { expect, onTestFinished, test } from 'vitest'
import { checkDirect } from '../../src/doctor/check-direct.js'

async function stun(): Promise<string> {
  const responder = await StunResponder.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => responder.close())
  return `stun:127.0.0.1:${responder.port}`
}

test('with a STUN port that answers, direct paths can work, and our address is shown', async () => {
  const stunUrl = await stun()
  const finding = await checkDirect({ stunUrl, isRandomized: false })
  expect(finding).toMatchObject({
    level: 'ok',
    data: { stunUrl, address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) }
  })
})

test('behind a NAT with random ports they need a TURN server', async () => {
  const finding = await checkDirect({ stunUrl: await stun(), isRandomized: true })
  expect(finding).toMatchObject({ level: 'note', hint: expect.stringContaining('TURN') })
})

test('without a STUN port, with one that is silent, and with one that talks nonsense', async () => {
  const nonsense = createSocket('udp4')
  onTestFinished(() => new Promise<void>((resolve) => nonsense.close(() => resolve())))
  nonsense.on('message', (message, { address, port }) => {
    nonsense.send(Buffer.alloc(3), port, address)
    nonsense.send(Buffer.concat([Buffer.from([1, 1, 0, 0]), Buffer.alloc(40)]), port, address)
    nonsense.send(message, port, address)
  })
  await new Promise<void>((resolve) => nonsense.bind(0, '127.0.0.1', resolve))
  const urls = [null, 'stun:127.0.0.1:9', 'nonsense', `stun:127.0.0.1:${nonsense.address().port}`]
  const found = await Promise.all(urls.map((stunUrl) => checkDirect({ stunUrl, isRandomized: false })))
  expect(found.map(({ level }) => level)).toEqual(['note', 'note', 'note', 'note'])
  expect(found[0]?.text).toContain('no STUN port')
  for (const { text } of found.slice(1)) expect(text).toContain('does not answer')
})
