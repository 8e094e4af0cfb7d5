import { encode } from 'uqr'
import { h, svg } from './dom.ts'

/** What to do while nobody else is here: send the link, or let a phone scan it. */
export function createInvitation(url: string = location.href): HTMLElement {
  const link = h('input', { class: 'text-field', readonly: true, value: url, 'aria-label': 'Link to this room' })
  link.addEventListener('focus', () => link.select())
  return h(
    'div',
    { class: 'invitation' },
    h('p', { class: 'hint' }, 'You are alone here. Send this link to somebody, or scan it with a phone.'),
    link,
    createCode(url)
  )
}

/** A QR code, dark on white in any colour scheme: not all cameras read it the other way round. */
function createCode(text: string): SVGSVGElement {
  const { data, size } = encode(text, { border: 3 })
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
  const attributes = { class: 'code', viewBox: `0 0 ${size} ${size}`, 'aria-hidden': 'true' }
  return svg('svg', attributes, svg('path', { d: dark.join(''), 'shape-rendering': 'crispEdges' }))
}
