import { expect, test } from 'vitest'
import type { Target } from '../../src/receive/incoming-transfer.js'
import { ReceiveView } from '../../src/receive/receive-view.js'
import { Status } from '../../src/shared/terminal/status.js'

// A folder that was removed while it was sent filled the terminal.
test('the first of many files that the sender could not send are named, and the others counted', () => {
  let said = ''
  const view = new ReceiveView(new Status({ write: (text) => (said += text) }), false)
  const targets = Array.from({ length: 50 }, (_, i) => ({ offered: { key: `/${i}`, bytes: 1, modifiedMs: 0 } }))
  for (const target of targets) view.onChanged(target as Target)
  view.done('folder', 0)
  expect(said.match(/Not received, because/g)).toHaveLength(20)
  expect(said).toContain('Not received for the same reason: 30 more.')
  expect(view.changed).toHaveLength(50)
  // It said "Done: 0 files in folder".
  expect(said).toMatch(/\nNothing was received\.\n$/)
})
