import { cleanText } from '../../shared/terminal/clean-text.js'
import type { LinkState } from '../link.js'
import { button, h, heading, type View } from './dom.js'

/** Milliseconds after which it says what may be wrong. */
const PATIENCE_MS = 3000

const LINKS: Readonly<Record<LinkState, string>> = {
  connecting: 'Connecting to the server of this page…',
  connected: 'Connected. Waiting for the sender…',
  lost: 'The server of this page cannot be reached, or does not accept this page; trying again. Check your connection to the internet.',
  tokenWanted: 'The server of this page wants an access token. Ask the sender or its operator for it.',
  refused: 'The server of this page does not let us in',
  full: 'The server of this page does not let us in now, and we try again',
  dhtAway:
    'The server of this page cannot reach the network of senders now. A sender who uses the same server, with --proxy, is found anyway.'
}

const BUSY = 'Somebody else is receiving with this code; waiting for them to finish.'

/** What the view needs to know. */
export interface SeekingModel {
  readonly code: string
  readonly link: () => LinkState
  /** What the server said when it refused us. */
  readonly refusal: () => string
  readonly isBusy: () => boolean
  onToken(token: string): void
  onOtherCode(): void
}

/** Waits for the sender. */
export function seekingView(model: SeekingModel): View {
  const status = h('p', { role: 'status' })
  const remark = h('p', { class: 'muted', role: 'status' })
  const tokens = tokenForm(model.onToken)
  const busy = h('div', { class: 'busy', 'aria-hidden': 'true' })
  let isLate = false
  const update = () => {
    const link = model.link()
    const text = model.isBusy() ? BUSY : linkText(link, model.refusal())
    if (status.textContent !== text) status.textContent = text
    tokens.hidden = link !== 'tokenWanted'
    // Nothing happens until somebody does something.
    busy.hidden = link === 'tokenWanted' || link === 'refused'
    const late = 'No sender yet. Check the code; "swarmway send" must still be running on the other side.'
    remark.textContent = isLate && link === 'connected' && !model.isBusy() ? late : ''
  }
  setTimeout(() => {
    isLate = true
    update()
  }, PATIENCE_MS)
  update()
  const element = h(
    'section',
    {},
    heading('Looking for the sender'),
    h('p', { class: 'code' }, model.code),
    busy,
    status,
    remark,
    tokens,
    h('div', { class: 'buttons' }, button('Use another code', 'plain', model.onOtherCode))
  )
  return { element, update }
}

/** The server may be full, or may not take pages of this address. */
function linkText(link: LinkState, refusal: string): string {
  if (link !== 'refused' && link !== 'full') return LINKS[link]
  return `${LINKS[link]}: ${cleanText(refusal).replace(/\.$/, '')}.`
}

function tokenForm(onToken: (token: string) => void): HTMLElement {
  const field = h('input', { id: 'token', class: 'field', type: 'password', autocomplete: 'off' })
  const onSubmit = (event: Event) => {
    event.preventDefault()
    if (field.value.trim() !== '') onToken(field.value.trim())
  }
  return h(
    'form',
    { onsubmit: onSubmit },
    h('label', { for: 'token' }, 'Access token'),
    field,
    h('button', { class: 'primary' }, 'Connect')
  )
}
