import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { loadStorePackages } from '../../src/share/packages.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { MAIN } from '../support/command.js'
import { temporaryFolder } from '../support/net.js'

test('without the optional packages, the error says how to get them, and what works without', () => {
  const missing = () => {
    throw Object.assign(new Error("Cannot find module 'corestore'"), { code: 'MODULE_NOT_FOUND' })
  }
  expect(() => loadStorePackages(missing)).toThrow(
    expect.objectContaining({
      exitCode: EXIT.unusable,
      message: expect.stringContaining('packages that are not installed'),
      hint: expect.stringMatching(/--omit=optional.*swarmway send/)
    })
  )
})

// The database is three quarters of an installation, and a tenth of a second of each start.
test.each([['send', '--help'], ['pipe', '--help'], ['completion', 'bash'], ['key']])(
  'swarmway %s does not load the database',
  async (...args) => {
    const script = `
      process.argv = [process.execPath, ...${JSON.stringify([MAIN, ...args])}]
      process.on('exit', () => console.error('LOADED', Object.keys(require.cache).filter((path) => /hypercore-storage|rocksdb-native|corestore/.test(path))))
      import(${JSON.stringify(MAIN)})`
    const env = { ...process.env, XDG_DATA_HOME: temporaryFolder() }
    const run = promisify(execFile)(process.execPath, ['-e', script], { env })
    const { stderr } = await run.catch((error: { stderr: string }) => error)
    expect(stderr).toContain('LOADED []')
  }
)
