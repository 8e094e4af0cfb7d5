import { sizeOf } from '../../send/offer.js'
import { formatBytes } from '../../shared/terminal/format.js'
import type { Receivable } from '../receivable.js'
import { button, h, heading, type View } from './dom.js'
import { countText, fileList } from './file-list.js'

/** Shows what is offered, and asks. */
export function offerView(offer: Receivable, isLasting: boolean, decide: (isWanted: boolean) => void): View {
  const files = offer.wanted.map(({ offered }) => offered)
  const place = isLasting
    ? 'They are kept in this browser until you save them, so for a moment there must be room for two copies.'
    : 'This browser keeps them in memory: leave this page open until you have saved them.'
  const element = h(
    'section',
    {},
    heading(`${countText(files.length)}, ${formatBytes(sizeOf(files))}`),
    fileList(files.map(({ bytes, key }) => ({ path: key.slice(1), detail: formatBytes(bytes) }))),
    ...skippedNote(offer),
    h('p', { class: 'muted' }, `${place} What is in them is up to the sender: receive only from people you trust.`),
    h(
      'div',
      { class: 'buttons' },
      button('Receive', 'primary', () => decide(true)),
      button('Decline', 'plain', () => decide(false))
    )
  )
  return { element, update() {} }
}

function skippedNote({ skipped }: Receivable): HTMLElement[] {
  if (skipped.length === 0) return []
  const list = fileList(skipped.map(({ key, reason }) => ({ path: key, detail: reason })))
  return [h('details', {}, h('summary', {}, `${countText(skipped.length)} skipped because of the name`), list)]
}
