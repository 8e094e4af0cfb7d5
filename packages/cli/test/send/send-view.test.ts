import { expect, test } from 'vitest'
import { SendView } from '../../src/send/send-view.js'
import { Status } from '../../src/shared/status.js'

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
