import { h, set, setText, type View } from './dom.ts'
import { describeLink, speakLink } from './link.ts'
import type { Session } from './session.ts'

/** The state of the link to the proxy server, and a button to retry at once. */
export function createLinkView(session: Session): View<Session> {
  const text = h('span', {})
  const retry = h('button', { type: 'button', class: 'quiet', onclick: () => session.retry() }, 'Try now')
  const dot = h('span', { class: 'lamp', 'aria-hidden': 'true' })
  const element = h('div', { class: 'link' }, dot, text, retry)
  // Read aloud when the state changes, but not every second.
  const spoken = h('span', { class: 'visually-hidden', role: 'status' })
  element.append(spoken)
  return {
    element,
    update: ({ link }) => {
      setText(text, describeLink(link, performance.now()))
      setText(spoken, speakLink(link))
      set(element, { 'data-link': link.status })
      set(text, { 'aria-hidden': 'true' })
      set(retry, { hidden: link.status !== 'waiting' && link.status !== 'refused' })
    }
  }
}
