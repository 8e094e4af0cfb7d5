/** @import { Health, Level } from '../recording/health.js' */
import { byId, make } from './dom.js'

/** Shapes as well as colours. @type {Record<Level, string>} */
const SIGNS = { well: '✓', warning: '!', alarm: '✕' }

/** Shows the state of the server in one or more lines, and in the title of the tab. */
export class Banner {
  #element = byId('health')
  #shown = ''
  /** Name of the server, for the title of the tab. */
  name = 'Swarmway proxy'

  /** @param {Health['lines']} lines the worst first */
  show(lines) {
    const shown = JSON.stringify([this.name, ...lines])
    if (shown === this.#shown) return
    this.#shown = shown
    this.#element.replaceChildren(...lines.map(makeLine))
    const [worst] = lines
    if (worst === undefined) return
    this.#element.dataset['level'] = worst.level
    document.title = `${SIGNS[worst.level]} ${worst.text} – ${this.name}`
  }
}

/** @param {Health['lines'][number]} line */
function makeLine({ level, text }) {
  const sign = make('span', { className: 'sign', text: SIGNS[level] })
  sign.ariaHidden = 'true'
  sign.dataset['level'] = level
  return make('p', {}, sign, make('span', { text }))
}
