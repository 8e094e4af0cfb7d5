import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../../src/shared/errors/exit-codes.js'
import { start } from '../../support/command.js'
import { temporaryFolder, useNetwork } from '../../support/net.js'

const network = useNetwork()
const CODE = /receive ([a-z]+(?:-[a-z]+){4})/

// Each of them ended with 130, and scripts could not tell a stop by a service manager from Ctrl-C.
test.each([
  ['SIGINT', EXIT.interrupted],
  ['SIGTERM', EXIT.terminated],
  ['SIGHUP', EXIT.hungUp]
] as const)('%s ends a sender as shells expect it, and it says how to go on', async (signal, code) => {
  const path = join(temporaryFolder(), 'note')
  writeFileSync(path, 'hello')
  const sender = start(['send', path, ...network().native])
  await sender.says(CODE)
  expect(await sender.kill(signal).outcome()).toMatchObject({
    code,
    stderr: expect.stringContaining('To continue, send again')
  })
})

// "No sender yet" came after the error, for which the process waited, and nothing was there to resume.
test('a receiver that waits ends at once, and its error is the last that it says', async () => {
  const receiver = start(['receive', 'abandon-ability-able-about-above', '--yes', ...network().native])
  await receiver.says('Looking for the sender.')
  const { code, stderr } = await receiver.kill('SIGTERM').outcome()
  expect(code).toBe(EXIT.terminated)
  expect(stderr).toMatch(/error: Interrupted\.\nhint: {2}Nothing was written\.\n$/)
})

// Before it had a network, the signal killed it as if nobody handled it. Whether the file is published by then varies.
test('a share that has just shown its key stops in order', async () => {
  const folder = join(temporaryFolder(), 'photos')
  mkdirSync(folder)
  writeFileSync(join(folder, 'note'), 'hello')
  const sharer = start(['share', folder, '--json', '--storage', temporaryFolder(), ...network().native])
  await sharer.prints('"key"')
  expect([EXIT.ok, EXIT.interrupted]).toContain((await sharer.kill('SIGINT').outcome()).code)
})
