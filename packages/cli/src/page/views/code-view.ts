import { parseCode } from '../../send/code-words.js'
import type { Leftover } from '../parts/leftovers.js'
import type { Problem } from '../problem.js'
import { problemOf } from '../problem.js'
import { button, h, heading, type View } from './dom.js'
import { countText } from './file-list.js'
import { problemBox } from './problem-box.js'

const ABOUT =
  'Somebody runs "swarmway send" and tells you a code of five words. What they send comes encrypted from their computer to this browser.'

/** What the view needs to know. */
export interface CodeModel {
  /** What is in the field at first. */
  readonly typed: string
  readonly problem: Problem | null
  /** What came with other codes. */
  readonly others: readonly Leftover[]
  onCode(code: string): void
  onRemove(one: Leftover): void
}

/** Asks for the code. */
export function codeView(model: CodeModel): View {
  const about = h('p', { class: 'muted' }, ABOUT)
  const element = h('section', {}, heading('Receive files'), about, codeForm(model), ...othersList(model))
  return { element, update() {} }
}

function codeForm({ onCode, problem, typed }: CodeModel): HTMLElement {
  const field = h('input', {
    id: 'code',
    class: 'field',
    value: typed,
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    placeholder: 'five words'
  })
  const errors = h('div', { 'aria-live': 'polite' }, ...(problem === null ? [] : [problemBox(problem)]))
  const onSubmit = (event: Event) => {
    event.preventDefault()
    try {
      onCode(parseCode(field.value))
    } catch (error) {
      errors.replaceChildren(problemBox(problemOf(error)))
      field.focus()
    }
  }
  return h(
    'form',
    { onsubmit: onSubmit },
    h('label', { for: 'code' }, 'The code that the sender tells you'),
    field,
    errors,
    h('button', { class: 'primary' }, 'Connect')
  )
}

function othersList({ onCode, onRemove, others }: CodeModel): HTMLElement[] {
  if (others.length === 0) return []
  const lines = others.map((one) => {
    const { code, fileCount, isWhole } = one
    const text = `${countText(fileCount)}, ${isWhole ? 'ready to save' : 'not finished'}`
    const name = h('span', { class: 'name' }, text, h('span', { class: 'detail' }, code ?? ''))
    const open = code === null ? [] : [button(isWhole ? 'Show' : 'Continue', 'plain', () => onCode(code))]
    // Whole files are deleted where they can be saved.
    const remove = isWhole && code !== null ? [] : [button('Delete', 'plain', () => onRemove(one))]
    return h('li', {}, name, ...open, ...remove)
  })
  return [h('h2', {}, 'In this browser'), h('ul', { class: 'files' }, ...lines)]
}
