import { type ProgressMeter, percentOf, progressText } from '../../shared/terminal/progress.js'
import { button, h, heading, type View } from './dom.js'

/** Milliseconds without a byte after which it says so: the connection may outlive an outage of the sender's network. */
const PATIENCE_MS = 3000

const STILL = 'Nothing is arriving: the sender may have lost its connection. It resumes when the sender is back.'

/** What the view needs to know. */
export interface ProgressModel {
  readonly meter: () => ProgressMeter
  /** Why nothing comes; empty if something does. */
  readonly trouble: () => string
  onStop(): void
}

/** Shows how far it is. */
export function progressView({ meter, onStop, trouble }: ProgressModel): View {
  const title = heading('Receiving')
  const bar = h('progress', { max: '100', 'aria-label': 'Received' })
  const text = h('p', { class: 'figures' })
  const remark = h('p', { class: 'muted', role: 'status' })
  let last = { bytes: -1, atMs: 0 }
  const update = () => {
    const progress = meter().read()
    const nowMs = performance.now()
    if (progress.doneBytes !== last.bytes) last = { bytes: progress.doneBytes, atMs: nowMs }
    const isStill = nowMs - last.atMs > PATIENCE_MS
    bar.value = percentOf(progress)
    text.textContent = progressText(progress).replaceAll('  ', ' · ')
    document.title = `${percentOf(progress)}% · Swarmway`
    const said = trouble() || (isStill ? STILL : 'Keep this page open; on a phone, leave it in front.')
    if (remark.textContent !== said) remark.textContent = said
  }
  update()
  const element = h(
    'section',
    {},
    title,
    bar,
    text,
    remark,
    h('div', { class: 'buttons' }, button('Stop', 'plain', onStop))
  )
  return { element, update }
}
