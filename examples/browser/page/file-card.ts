import type { SharedFile } from '../room/shared-file.ts'
import { h, set, setText, type View } from './dom.ts'
import { count, formatBytes } from './format.ts'

/** A file in the conversation: its name, its progress, and the actions on it. */
export function createFileCard(file: SharedFile, onFetch: (file: SharedFile) => void): View<SharedFile> {
  const { name, sizeBytes } = file.offer
  const status = h('span', { class: 'muted status' })
  const progress = h('progress', { max: Math.max(1, sizeBytes), 'aria-label': `Progress of ${name}` })
  const fetch = h('button', { type: 'button', class: 'primary', onclick: () => onFetch(file) }, 'Get')
  const save = h('button', { type: 'button', class: 'primary', onclick: () => void saveFile(file) }, 'Save')
  set(fetch, { 'aria-label': `Get ${name}` })
  set(save, { 'aria-label': `Save ${name}` })
  const text = h('div', { class: 'file-text' }, h('strong', { class: 'file-name' }, name), status, progress)
  const element = h('div', { class: 'file' }, text, fetch, save)
  return {
    element,
    update: (current) => {
      const { state } = current
      setText(status, describeFile(current))
      progress.value = current.doneBytes
      set(element, { 'data-state': state })
      set(progress, { hidden: state !== 'fetching' && state !== 'preparing' })
      set(fetch, { hidden: state !== 'offered', disabled: current.holders.size === 0 })
      set(save, { hidden: state !== 'complete' || current.isOwn })
    }
  }
}

/** Describes the file in one line. */
function describeFile({ doneBytes, failure, holders, isOwn, offer, state }: SharedFile): string {
  const size = formatBytes(offer.sizeBytes)
  if (state === 'failed') return failure ?? 'No longer available.'
  if (state === 'preparing') return `Reading, ${formatBytes(doneBytes)} of ${size}`
  if (state === 'fetching') {
    const from = holders.size === 0 ? 'waiting for somebody who has it' : `from ${count(holders.size, 'peer')}`
    return `${formatBytes(doneBytes)} of ${size}, ${from}`
  }
  if (state === 'offered') return holders.size === 0 ? `${size}, nobody here has it now` : size
  const others =
    holders.size === 0 ? '' : `, ${count(holders.size, 'peer')} ${holders.size === 1 ? 'has' : 'have'} it too`
  return isOwn ? `${size}, shared by you${others}` : `${size}, complete${others}`
}

/** Hands the file to the browser as a download. */
async function saveFile(file: SharedFile): Promise<void> {
  const parts: BlobPart[] = []
  for await (const block of file.read()) parts.push(block as Uint8Array<ArrayBuffer>)
  // Whatever type the peer claims, the file is saved and never opened as a page of our origin.
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }))
  h('a', { href: url, download: file.offer.name }).click()
  // The download has started by then; no event reports it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
