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
  const [only, ...others] = kept
  const all = only !== undefined && others.length === 0 ? saveButton(only) : zipButton(kept)
  const lines = kept.map((file) => ({
    name: cleanText(file.path),
    detail: formatBytes(file.content.size),
    ...(others.length > 0 && { action: saveLink(file) })
  }))
  const element = h(
    'section',
    {},
    heading(`${countText(kept.length)} here`),
    h('p', { role: 'status' }, 'Everything has arrived, and is what the sender has (SHA-256).'),
    fileList(lines),
    ...changedNote(changed),
    h('div', { class: 'buttons' }, all, button('Delete from this browser', 'plain', onForget)),
    h('p', { class: 'muted' }, 'Saved? Then delete the copy in this browser, and close the page.')
  )
  return { element, update() {} }
}

function saveButton(file: KeptFile): HTMLElement {
  return button('Save', 'primary', () => save(file.content, nameOf(file)))
}

function saveLink(file: KeptFile): HTMLElement {
  const one = button('Save', 'plain', () => save(file.content, nameOf(file)))
  one.setAttribute('aria-label', `Save ${cleanText(file.path)}`)
  return one
}

function zipButton(kept: Kept): HTMLElement {
  return button('Save all as ZIP', 'primary', () => save(zipOf(kept), zipName(kept)))
}

function changedNote(changed: readonly string[]): HTMLElement[] {
  if (changed.length === 0) return []
  const text = `${countText(changed.length)} not received, because the sender changed or removed them:`
  return [h('p', { class: 'problem' }, text), fileList(changed.map((name) => ({ name: cleanText(name), detail: '' })))]
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
