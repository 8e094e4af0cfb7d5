import type { Problem } from '../problem.js'
import { button, h, heading, type View } from './dom.js'
import { problemBox } from './problem-box.js'

/** Says what ended a reception, and offers to try again. */
export function endView(problem: Problem, onAgain: () => void, onOtherCode: () => void): View {
  const element = h(
    'section',
    { role: 'alert' },
    heading('Not received'),
    problemBox(problem),
    h(
      'div',
      { class: 'buttons' },
      button('Try again', 'primary', onAgain),
      button('Use another code', 'plain', onOtherCode)
    )
  )
  return { element, update() {} }
}
