import pc from 'picocolors'
import { expect, test } from 'vitest'
import { turns } from '../../../runtime/test/support/until.js'
import { conclude } from '../../src/doctor/command.js'
import { type Finding, findingText } from '../../src/doctor/finding.js'
import { natFinding } from '../../src/doctor/nat.js'
import { answerSpeed, measureSpeed } from '../../src/doctor/speed.js'
import { EXIT, type ExitCode } from '../../src/shared/errors/exit-codes.js'
import { connectionPair } from '../support/connections.js'

test('each kind of NAT is described in words', () => {
  const at = { host: '192.0.2.7', port: 4000 }
  const open = natFinding({ ...at, firewalled: false, randomized: false })
  expect(open).toMatchObject({ level: 'ok', text: expect.stringContaining('directly, at 192.0.2.7:4000') })
  const cone = natFinding({ ...at, firewalled: true, randomized: false })
  expect(cone).toMatchObject({ level: 'ok', text: expect.stringContaining('hole punching works') })
  const random = natFinding({ host: '192.0.2.7', port: 0, firewalled: true, randomized: true })
  expect(random).toMatchObject({ level: 'note', hint: expect.stringContaining('relay') })
  const unknown = natFinding({ host: null, port: 0, firewalled: true, randomized: false })
  expect(unknown).toMatchObject({ level: 'note', data: { firewalled: true, randomized: false } })
})

test('a finding is one line, with its hint on a second line', () => {
  const plain = pc.createColors(false)
  const finding: Finding = { check: 'dht', level: 'fail', text: 'Nobody answers.', hint: 'Look.' }
  expect(findingText(finding, plain)).toBe('fail  Nobody answers.\n      Look.\n')
  expect(findingText({ check: 'dht', level: 'ok', text: 'Good.' }, plain)).toBe('ok    Good.\n')
  // A proxy server chooses some of the words.
  expect(findingText({ check: 'proxy', level: 'fail', text: 'No\u001b[2J.' }, plain)).toBe('fail  No [2J.\n')
})

test('the exit code is that of the first failure that matters', () => {
  const ok: Finding = { check: 'proxy', level: 'ok', text: '' }
  const failed = (check: Finding['check'], exitCode: ExitCode): Finding => ({
    check,
    level: 'fail',
    text: '',
    exitCode
  })
  expect(() => conclude([ok, { check: 'nat', level: 'note', text: '' }])).not.toThrow()
  // A working proxy server makes up for an unreachable DHT.
  expect(() => conclude([failed('dht', EXIT.unreachable), ok])).not.toThrow()
  expect(() => conclude([failed('dht', EXIT.unreachable)])).toThrow(expect.objectContaining({ exitCode: 3 }))
  expect(() => conclude([ok, failed('proxy', EXIT.denied)])).toThrow(expect.objectContaining({ exitCode: 4 }))
})

test('the speed of a connection is its shortest round trip, and all bytes divided by their time', async () => {
  const [near, far] = connectionPair(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2))
  answerSpeed(far, 100_000)
  let nowMs = 0
  const times = [0, 10, 20, 24, 30, 40, 50, 60, 70, 80, 100, 600]
  const speed = await measureSpeed(near, 100_000, () => times.shift() ?? nowMs++)
  expect(speed).toEqual({ roundTripMs: 4, bytesPerSecond: 200_000 })
})

test('a connection that breaks during the measurement is an error', async () => {
  const [near, far] = connectionPair(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2))
  const measuring = measureSpeed(near, 100_000)
  far.destroy()
  await expect(measuring).rejects.toThrow('closed')
  await turns(1)
})
