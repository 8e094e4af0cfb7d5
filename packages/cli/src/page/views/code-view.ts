import { parseCode } from '../../send/code-words.js'
import type { Problem } from '../problem.js'
import { problemOf } from '../problem.js'
import { h, heading, type View } from './dom.js'
import { problemBox } from './problem-box.js'

/** Asks for the code. */
export function codeView(typed: string, problem: Problem | null, onCode: (code: string) => void): View {
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
  const form = h(
    'form',
    { onsubmit: onSubmit },
    h('label', { for: 'code' }, 'The code that the sender tells you'),
    field,
    errors,
    h('button', { class: 'primary' }, 'Connect')
  )
  const about =
    'Somebody runs "swarmway send" and tells you a code of five words. What they send comes encrypted from their computer to this browser.'
  return { element: h('section', {}, heading('Receive files'), h('p', { class: 'muted' }, about), form), update() {} }
}
