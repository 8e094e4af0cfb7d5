import { expect, test } from 'vitest'
import { GetView } from '../../src/share/get-view.js'
import { Status } from '../../src/shared/status.js'

test('what is skipped is told name by name up to a number, and cleaned', () => {
  let shown = ''
  const write = (text: string) => {
    shown += text
  }
  const status = new Status({ write })
  const view = new GetView(status, { isQuiet: true, signal: new AbortController().signal })
  const skipped = Array.from({ length: 5000 }, (_, i) => ({ key: `/\u001b[2J${i}`, reason: 'it is a link' }))
  view.done({ files: 0, written: 0, fetchedBytes: 0, skipped }, 'folder')
  const lines = shown.trim().split('\n')
  expect(lines).toHaveLength(22)
  expect(lines[0]).toBe('Skipped / [2J0: it is a link.')
  expect(lines[20]).toBe('Skipped 4980 more.')
})
