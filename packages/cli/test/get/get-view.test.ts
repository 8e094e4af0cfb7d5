import { expect, test } from 'vitest'
import type { DownloadPlan } from '../../src/get/download-plan.js'
import { GetView } from '../../src/get/get-view.js'
import { printList } from '../../src/get/list-view.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { leftOutLines } from '../../src/shared/files/file-texts.js'
import { HIDDEN } from '../../src/shared/files/refusal.js'
import { Status } from '../../src/shared/terminal/status.js'

const NOTHING: DownloadPlan = { write: [], kept: [], skipped: [], refused: [] }

function viewed(isQuiet = true) {
  const shown = { text: '', lines: () => shown.text.trim().split('\n') }
  const write = (text: string) => {
    shown.text += text
  }
  const view = new GetView(new Status({ write }, isQuiet), { isQuiet, signal: new AbortController().signal })
  return { view, shown, output: { write } }
}

test('skipped names are cleaned and listed one by one, up to a limit', () => {
  const { shown, view } = viewed()
  const skipped = Array.from({ length: 5000 }, (_, i) => ({ key: `/\u001b[2J${i}`, reason: 'it is a link', bytes: 0 }))
  view.done({ ...NOTHING, skipped }, 'folder', 0)
  expect(shown.lines()).toHaveLength(21)
  expect(shown.lines()[0]).toBe('Skipped: [2J0: it is a link.')
  expect(shown.lines()[20]).toBe('Skipped: 4980 more.')
})

test('hidden files are reported in one line, with how to get them', () => {
  const { shown, view } = viewed()
  const skipped = Array.from({ length: 12 }, (_, i) => ({ key: `/.a\u001b[2J${i}`, reason: HIDDEN, bytes: 0 }))
  view.done({ ...NOTHING, skipped }, 'folder', 0)
  expect(shown.lines()[0]).toMatch(/^Skipped, because the name begins with a dot \(12\): \.a \[2J0, .* and 2 more\.$/)
  expect(shown.lines()[1]).toContain('--hidden')
})

test('obstacles are listed one by one, even if quiet, and end the download', () => {
  const { shown, view } = viewed()
  const refused = Array.from({ length: 50 }, (_, i) => ({
    key: `/a\u001b[2J${i}`,
    reason: 'a link is in the way',
    bytes: 0
  }))
  const end = expect.objectContaining({
    exitCode: EXIT.unusable,
    message: expect.stringMatching(/^50 files .* folder /)
  })
  expect(() => view.assertNoneRefused({ ...NOTHING, refused }, 'folder')).toThrow(end)
  expect(shown.lines()).toHaveLength(21)
  expect(shown.lines()[0]).toBe('Not written: a [2J0: a link is in the way.')
  view.assertNoneRefused(NOTHING, 'folder')
})

test("a list shows strangers' names cleaned", () => {
  const { output, shown } = viewed()
  const skipped = [{ key: '/\u001b[2Jx\ny', reason: 'its name has characters that do not show', bytes: 1500 }]
  printList({ ...NOTHING, skipped }, '/home/me/x', null, output)
  expect(shown.lines()).toEqual([
    '1.5 kB  [2Jx y  would be skipped: its name has characters that do not show',
    '1 file, 1.5 kB: 0 to write (0 B), 1 to skip.',
    'They would be written to /home/me/x.'
  ])
})

test('a few of the names left out of a share are shown, and the number of others', () => {
  const leftOut = Array.from({ length: 30 }, (_, i) => ({ way: `${i}.log`, reason: 'rule' as const }))
  expect(leftOutLines(leftOut, '/f')[0]).toMatch(/^Left out, ignored \(30\): 0\.log, .* and 20 more\.$/)
  expect(leftOutLines([{ way: 'l', reason: 'link' }], '/f')).toEqual(['Left out, links (1): l.'])
  expect(leftOutLines([], '/f')).toEqual([])
})
