import { expect, test } from 'vitest'
import { openKit } from '../support/kit.ts'
import { startMeeting } from '../support/meeting.ts'

const kit = await openKit('jest')

test.skipIf(kit.isMissing)('Jest 30: tests in ES modules', async () => {
  const { heard, url } = await startMeeting()
  const env = { SERVER: url, NODE_OPTIONS: '--experimental-vm-modules' }
  expect(await kit.run('jest', ['--config', 'esm.config.json'], env)).toContain('1 passed, 1 total')
  expect(heard).toEqual(['hello from jest-esm'])
})

test.skipIf(kit.isMissing)('Jest 30: tests in CommonJS, with a transform for our modules', async () => {
  const { heard, url } = await startMeeting()
  const printed = await kit.run('jest', ['--config', 'commonjs.config.json'], { SERVER: url })
  expect(printed).toContain('2 passed, 2 total')
  expect(heard).toEqual(['hello from jest-commonjs'])
})
