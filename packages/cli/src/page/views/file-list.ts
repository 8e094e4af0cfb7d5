import { cleanText } from '../../shared/terminal/clean-text.js'
import { inNaturalOrder } from '../natural-order.js'
import { h } from './dom.js'

/** More would make a page slow; the number of the others is shown. */
const MAX_SHOWN = 200

/** A line of a list. */
export interface FileLine {
  /** With slashes. */
  readonly path: string
  readonly detail: string
  /** At the end of the line. */
  readonly action?: HTMLElement
}

/** A list of files, which scrolls if it is long. */
export function fileList(lines: readonly FileLine[]): HTMLElement {
  const items = inNaturalOrder(lines)
    .slice(0, MAX_SHOWN)
    .map(({ action, detail, path }) =>
      h('li', {}, h('span', { class: 'name' }, ...nameParts(path, detail)), ...(action === undefined ? [] : [action]))
    )
  const others = lines.length - items.length
  if (others > 0) items.push(h('li', { class: 'muted' }, `and ${others} more`))
  return h('ul', { class: 'files', tabindex: '0', 'aria-label': 'Files' }, ...items)
}

/** The name, and below it what there is to say about it. */
function nameParts(path: string, detail: string): (Node | string)[] {
  const at = path.lastIndexOf('/')
  const details = [detail, path.slice(0, Math.max(0, at))].filter((one) => one !== '')
  return [cleanText(path.slice(at + 1)), h('span', { class: 'detail' }, cleanText(details.join(' · ')))]
}

/** "1 file", "2 files". */
export function countText(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
