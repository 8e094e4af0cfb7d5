import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { EXIT } from '../../../src/shared/errors/exit-codes.js'
import { MAIN } from '../../support/command.js'

/** It said "Something unexpected happened", as for a bug of ours. */
test.runIf(process.platform === 'linux')('an output that cannot be written is named', () => {
  const { status, stderr } = spawnSync('sh', ['-c', '"$0" "$1" --version > /dev/full', process.execPath, MAIN])
  expect({ status, stderr: String(stderr) }).toEqual({
    status: EXIT.unusable,
    stderr: 'error: The output could not be written: ENOSPC: no space left on device, write.\n'
  })
})

/** It ended at once with the exit code of a file that cannot be used, in the middle of whatever it was doing. */
test.runIf(process.platform === 'linux')('remarks that cannot be written change nothing', () => {
  const { status } = spawnSync('sh', ['-c', '"$0" "$1" pipe " " 2> /dev/full', process.execPath, MAIN])
  expect(status).toBe(EXIT.usage)
})
