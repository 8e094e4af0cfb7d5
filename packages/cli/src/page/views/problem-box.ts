import type { Problem } from '../problem.js'
import { h } from './dom.js'

/** A problem and its remedy. */
export function problemBox({ hint, message }: Problem): HTMLElement {
  return h('div', { class: 'problem' }, h('p', {}, h('strong', {}, message)), h('p', {}, hint))
}
