import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { start, startOnTerminal } from '../support/command.js'
import { temporaryFolder, useNetwork } from '../support/net.js'

const network = useNetwork()
const CODE = /receive ([a-z]+(?:-[a-z]+){4})/
const [CTRL_C, CTRL_D] = ['\u0003', '\u0004']

async function startSending() {
  const path = join(temporaryFolder(), 'note')
  writeFileSync(path, 'hello')
  const sender = start(['send', path, ...network().native])
  await sender.says(CODE)
  return { sender, code: CODE.exec(sender.stderr)?.[1] ?? '' }
}

describe.runIf(process.platform === 'linux')('on a terminal', () => {
  // The end of the input counted as Enter: the files were written.
  test.each(['xterm', 'dumb'])('Ctrl-D at the question is not a consent (%s)', async (TERM) => {
    const { code, sender } = await startSending()
    const target = temporaryFolder()
    const receiver = startOnTerminal(['receive', code, target, ...network().native], { TERM })
    await receiver.prints('[Y/n]')
    receiver.stdin.write(CTRL_D)
    const { code: exitCode, stdout } = await receiver.outcome()
    expect([exitCode, stdout.toString()]).toEqual([EXIT.ok, expect.stringContaining('Nothing was written.')])
    expect(readdirSync(target)).toEqual([])
    await sender.says('does not want the files')
  })

  test('Enter consents', async () => {
    const { code, sender } = await startSending()
    const target = temporaryFolder()
    const receiver = startOnTerminal(['receive', code, target, ...network().native])
    await receiver.prints('[Y/n]')
    receiver.stdin.write('\r')
    expect((await receiver.outcome()).code).toBe(EXIT.ok)
    expect(existsSync(join(target, 'note'))).toBe(true)
    expect((await sender.outcome()).code).toBe(EXIT.ok)
  })

  // It said "Something unexpected happened: The operation was aborted", and ended as a bug does.
  test('Ctrl-C where the code is asked for stops it', async () => {
    const receiver = startOnTerminal(['receive'])
    await receiver.prints('The code: ')
    receiver.stdin.write(CTRL_C)
    const { code, stdout } = await receiver.outcome()
    expect([code, stdout.toString()]).toEqual([EXIT.interrupted, expect.stringContaining('Interrupted.')])
  })

  // It counted the words: "A code is 5 words, and this is 0 words."
  test.each([CTRL_D, '\r'])('an empty code is a usage error (%j)', async (key) => {
    const receiver = startOnTerminal(['receive'])
    await receiver.prints('The code: ')
    receiver.stdin.write(key)
    const { code, stdout } = await receiver.outcome()
    expect([code, stdout.toString()]).toEqual([EXIT.usage, expect.stringContaining('There is no code.')])
  })
})
