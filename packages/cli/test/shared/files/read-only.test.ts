import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../../src/shared/errors/exit-codes.js'
import { keyOf, useDataFolder } from '../../share/support.js'
import { MAIN, RunningCommand, start } from '../../support/command.js'
import { temporaryFolder, useNetwork } from '../../support/net.js'

const network = useNetwork()
useDataFolder()

/** Whether this user may mount a disk that only one process sees. */
const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'ro', 'none', '/mnt']).status === 0

/** Runs a command for which a folder is a disk that is read-only. */
async function runWithReadOnly(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const script = 'mount -t tmpfs -o ro none "$1" && shift && exec "$@"'
  const line = ['-m', 'sh', '-c', script, 'sh', folder, process.execPath, MAIN, ...args]
  const command = new RunningCommand('unshare', line, env)
  command.stdin.end()
  return command.outcome()
}

/** A folder with one file. */
function folderWithFile(): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'a'), 'content')
  return folder
}

const READ_ONLY = 'the disk is read-only.'

// It said "Change its permissions", which helps nobody.
test.runIf(canMount)('receive and get say that a disk is read-only, and what to do about it', async () => {
  const { native } = network()
  const source = folderWithFile()
  const [target, storage] = [temporaryFolder(), temporaryFolder()]
  const sending = start(['send', source, ...native])
  await sending.says('swarmway receive')
  const code = sending.stdout.toString().trim()
  const received = await runWithReadOnly(target, ['receive', code, target, '--yes', ...native])
  expect(received).toMatchObject({
    code: EXIT.unusable,
    stderr: expect.stringContaining(`Nothing can be written to ${target}: ${READ_ONLY}`)
  })
  expect(received.stderr).toContain('Make the disk writable, or add another folder after the code.')
  const sharing = start(['share', source, '--storage', storage, ...native])
  const key = await keyOf(sharing)
  const got = await runWithReadOnly(target, ['get', key, target, ...native])
  expect(got).toMatchObject({ code: EXIT.unusable, stderr: expect.stringContaining('Make the disk writable, or use') })
})

test.runIf(canMount)('share, key and get --list say it of the folders for their own data', async () => {
  const { native } = network()
  const [source, data] = [folderWithFile(), temporaryFolder()]
  const shared = await runWithReadOnly(data, ['share', source, '--storage', join(data, 'x'), ...native])
  const keyed = await runWithReadOnly(data, ['key'], { XDG_DATA_HOME: data })
  const key = 'y'.repeat(52)
  const listed = await runWithReadOnly(data, ['get', key, '--list', ...native], { TMPDIR: data })
  for (const { code, stderr } of [shared, keyed, listed]) {
    expect([code, stderr]).toEqual([EXIT.unusable, expect.stringContaining(READ_ONLY)])
    expect(stderr).toContain('hint:  Make the disk writable, or ')
  }
})
