import { cleanText } from '../../shared/clean-text.js'
import { formatBytes } from '../../shared/format.js'
import type { Kept, KeptFile } from '../kept.js'
import { zipOf } from '../zip.js'
import { button, h, heading, type View } from './dom.js'
import { countText, fileList } from './file-list.js'

/** Milliseconds for which a browser may still read what it saves. */
const SAVING_MS = 60_000

/** Offers what has arrived to be saved. */
export function doneView(kept: Kept, changed: readonly string[], onForget: () => void): View {
  const [, ...others] = kept
  const unsaved = new Set(kept)
  const saving = (files: Kept, text: string, kind: 'primary' | 'plain') =>
    button(text, kind, () => {
      const [file] = files
      if (file !== undefined && files.length === 1) save(file.content, nameOf(file))
      else save(zipOf(files), zipName(files))
      for (const one of files) unsaved.delete(one)
    })
  const all = saving(kept, others.length === 0 ? 'Save' : 'Save all as ZIP', 'primary')
  const lines = kept.map((file) => ({
    path: file.path,
    detail: formatBytes(file.content.size),
    ...(others.length > 0 && { action: labelled(saving([file], 'Save', 'plain'), `Save ${cleanText(file.path)}`) })
  }))
  const element = h(
    'section',
    {},
    heading(`${countText(kept.length)} here`),
    h('p', { role: 'status' }, 'Everything has arrived, and is what the sender has (SHA-256).'),
    fileList(lines),
    ...changedNote(changed),
    h(
      'div',
      { class: 'buttons' },
      all,
      forgetButton(() => unsaved.size, onForget)
    ),
    h('p', { class: 'muted' }, 'Saved? Then delete the copy in this browser, and close the page.')
  )
  return { element, update() {} }
}

/** Asks once more if something would be lost. */
function forgetButton(unsavedCount: () => number, onForget: () => void): HTMLElement {
  let isSure = false
  const forget: HTMLButtonElement = button('Delete from this browser', 'plain', () => {
    if (isSure || unsavedCount() === 0) onForget()
    isSure = true
    forget.textContent = `Not saved: ${countText(unsavedCount())}. Delete anyway`
  })
  return forget
}

function labelled(element: HTMLElement, label: string): HTMLElement {
  element.setAttribute('aria-label', label)
  return element
}

function changedNote(changed: readonly string[]): HTMLElement[] {
  if (changed.length === 0) return []
  const text = `${countText(changed.length)} not received, because the sender changed or removed them:`
  return [h('p', { class: 'problem' }, text), fileList(changed.map((name) => ({ path: name, detail: '' })))]
}

/** What the browser knows to be of no type is not opened but saved. */
function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content.slice(0, content.size, 'application/octet-stream'))
  h('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), SAVING_MS)
}

function nameOf({ path }: KeptFile): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** That of the folder, if all files are in one. */
function zipName(kept: Kept): string {
  const folders = new Set(kept.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')))
  const [folder = ''] = folders
  return `${folders.size === 1 && folder !== '' ? folder : 'swarmway-files'}.zip`
}
