import { expect, test } from 'vitest'
import { printed } from '../support/command.ts'
import { openKit } from '../support/kit.ts'
import { ANSWER, startMeeting } from '../support/meeting.ts'

const kit = await openKit('workerd')

test.skipIf(kit.isMissing).each([
  ['wrangler', 'the conditions of wrangler'],
  ['workerd', 'the condition `workerd` and not `browser`'],
  ['worker', 'the condition `worker` and not `browser`']
])('workerd: the proxy client bundled for %s: %s', async (way) => {
  const { heard, url } = await startMeeting()
  expect(await printed(process.execPath, ['run.js', way, url], { cwd: kit.folder })).toBe(ANSWER)
  expect(heard).toEqual([`hello from ${way}`])
})
