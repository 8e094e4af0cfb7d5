import { MAX_TEXT_LENGTH } from '../room/protocol.ts'
import type { Room } from '../room/room.ts'
import { h } from './dom.ts'

/** The form to write messages and choose files. */
export function createComposer(room: Room, onFiles: (files: File[]) => void): HTMLElement {
  const text = h('input', {
    class: 'text-field',
    'aria-label': 'Message',
    placeholder: 'Message',
    autocomplete: 'off',
    maxlength: MAX_TEXT_LENGTH
  })
  const picker = h('input', { type: 'file', multiple: true, hidden: true, 'aria-label': 'Files to share' })
  picker.addEventListener('change', () => {
    onFiles([...(picker.files ?? [])])
    picker.value = ''
  })
  const choose = h('button', { type: 'button', onclick: () => picker.click() }, 'File…')
  const onSubmit = (event: Event) => {
    event.preventDefault()
    const said = text.value.trim()
    if (said !== '') room.say(said)
    text.value = ''
  }
  const send = h('button', { class: 'primary' }, 'Send')
  return h('form', { class: 'composer', onsubmit: onSubmit }, picker, choose, text, send)
}
