import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { dataFolder, ownFolders } from '../../src/shared/files/data-folder.js'
import { MAIN } from '../support/command.js'
import { temporaryFolder } from '../support/net.js'

// With HOME="", as some services have it, the secret key was written into the current folder.
test.each(['', 'relative'])('the home folder "%s" is refused', (home) => {
  const refused = expect.objectContaining({ exitCode: EXIT.unusable, hint: expect.stringContaining('XDG_DATA_HOME') })
  expect(() => dataFolder({}, 'linux', () => home)).toThrow(refused)
  expect(dataFolder({ XDG_DATA_HOME: '/data' }, 'linux', () => home)).toBe(join('/data', 'swarmway'))
})

test('a user without a home is told so', () => {
  const home = () => {
    throw new Error('uv_os_homedir returned ENOENT')
  }
  expect(() => dataFolder({}, 'linux', home)).toThrow('There is no home folder')
  expect(ownFolders('/storage')).toContain('/storage')
})

// A full disk left an empty file, which every later run took for a broken key.
test.skipIf(process.platform === 'win32')('a key that cannot be written leaves nothing behind', () => {
  const folder = temporaryFolder()
  const env = { ...process.env, XDG_DATA_HOME: folder }
  const key = (limit: string) =>
    execFileSync('sh', ['-c', `${limit} exec "$@"`, 'sh', process.execPath, MAIN, 'key'], { env, stdio: 'pipe' })
  expect(() => key('ulimit -f 0;')).toThrow('Make room there or allow this user to write')
  expect(existsSync(join(folder, 'swarmway', 'identity.seed'))).toBe(false)
  expect(key('').toString()).toMatch(/^[a-z0-9]{52}\n$/)
})
