/** @import { Health, Level } from '../health.js' */
import { byId, make } from './dom.js'

const NAME = 'Swarmway proxy'
/** Shapes as well as colours. @type {Record<Level | 'none', string>} */
const SIGNS = { well: '✓', warning: '!', alarm: '✕', none: '…' }

/** The state of the server, in one line or a few; the title of the tab has it too. */
export class Banner {
  #element = byId('health')
  #shown = ''

  /** @param {Health['lines'] | { level: 'none', text: string }[]} lines */
  show(lines) {
    const shown = JSON.stringify(lines)
    if (shown === this.#shown) return
    this.#shown = shown
    const level = lines[0]?.level ?? 'none'
    this.#element.dataset['level'] = level
    this.#element.replaceChildren(...lines.map(line))
    document.title = level === 'well' ? `${SIGNS.well} ${NAME}` : `${SIGNS[level]} ${lines[0]?.text} – ${NAME}`
  }
}

/** @param {{ level: Level | 'none', text: string }} line */
function line({ level, text }) {
  const sign = make('span', { className: 'sign', text: SIGNS[level] })
  sign.ariaHidden = 'true'
  sign.dataset['level'] = level
  return make('p', {}, sign, make('span', { text }))
}
