import { expect, onTestFinished, test, vi } from 'vitest'
import { SendView } from '../../src/send/send-view.js'
import type { SourceFile } from '../../src/send/source-files.js'
import { Status } from '../../src/shared/terminal/status.js'

/** What is shown on a terminal of this width. */
function pictureOn(columns: number): string {
  let shown = ''
  const status = new Status({ write: (text) => (shown += text) })
  new SendView(status, false).picture('abandon-ability-able-about-above', columns)
  return shown
}

/** At 20 columns its lines were broken, and no camera could read it. */
test('the picture is shown only where its lines fit', () => {
  const [line = ''] = pictureOn(80).split('\n')
  expect(line.length).toBeGreaterThan(20)
  expect(pictureOn(line.length)).not.toBe('')
  expect(pictureOn(line.length - 1)).toBe('')
})

const FILES: SourceFile[] = ['a', 'b'].map((name) => ({ key: `/${name}`, path: `/${name}`, bytes: 50, modifiedMs: 0 }))

/** A sender's view of two files of 50 bytes, and what it has said. Progress is shown in `progress`. */
function viewOfTwoFiles() {
  let said = ''
  const progress: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => progress.push(String(text)) > 0)
  const view = new SendView(new Status({ write: (text) => (said += text) }), false)
  onTestFinished(() => {
    view.endProgress()
    spy.mockRestore()
  })
  view.source({ files: FILES, leftOut: [] })
  return { progress, receiver: () => view.onReceiver(), said: () => said }
}

// It said that the receiver has everything, although the receiver had skipped a name that begins with a dot.
test.each([
  ['all', 2, 0, 'The receiver has everything.'],
  ['all, of which one was changed', 2, 1, 'The receiver has the rest.'],
  ['all, which were changed', 2, 2, 'The receiver has received nothing.'],
  ['one', 1, 0, 'Done: the receiver asked for 1 of 2 files. It has the others already, or skipped them.'],
  ['none', 0, 0, 'Done: the receiver asked for 0 of 2 files. It has the others already, or skipped them.']
])('the end says what a receiver has that asked for %s', (_, wanted, changed, end) => {
  const { receiver, said } = viewOfTwoFiles()
  const transfer = receiver()
  transfer.onBegin(wanted * 50, wanted)
  for (const file of FILES.slice(0, changed)) transfer.onChanged(file)
  transfer.onEnd('done')
  expect(said()).toContain(`\n${end}\n`)
})

// With --keep, the bar of one receiver stopped at 33 %, after two others had left.
test('what a receiver that left has not received is no longer expected', () => {
  const { progress, receiver } = viewOfTwoFiles()
  const [staying, leaving] = [receiver(), receiver()]
  staying.onBegin(100, 2)
  leaving.onBegin(100, 2)
  leaving.onSent(20)
  leaving.onEnd('left')
  staying.onSent(100)
  staying.onEnd('done')
  expect(progress).toEqual(['100%  120 B of 120 B\n'])
})

// A folder that was removed while it was sent filled the terminal, once for each receiver.
test('the first of many files that could not be sent are named, once for all receivers, and the others counted', () => {
  const { receiver, said } = viewOfTwoFiles()
  const files = Array.from({ length: 50 }, (_, i) => ({ key: `/${i}`, path: `/${i}`, bytes: 1, modifiedMs: 0 }))
  for (const transfer of [receiver(), receiver()]) {
    transfer.onBegin(50, 50)
    for (const file of files) transfer.onChanged(file)
    transfer.onEnd('done')
  }
  expect(said().match(/Not sent, because/g)).toHaveLength(20)
  expect(said()).toContain('Not sent for one of these reasons: 30 more.')
})

// Its end was taken for that of the other, whose progress was no longer shown.
test('a receiver that declines does not end the progress of another', () => {
  const { progress, receiver } = viewOfTwoFiles()
  const taking = receiver()
  taking.onBegin(100, 2)
  receiver().onEnd('declined')
  taking.onSent(100)
  taking.onEnd('done')
  expect(progress).toEqual(['100%  100 B of 100 B\n'])
})
