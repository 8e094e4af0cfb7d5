import { cleanText } from '../../shared/terminal/clean-text.js'
import { formatBytes } from '../../shared/terminal/format.js'
import type { Kept, KeptFile } from '../kept.js'
import { archivePath } from '../saved-names.js'
import { zipOf } from '../zip.js'
import { button, h, heading, type View } from './dom.js'
import { countText, fileList } from './file-list.js'

type Files = readonly KeptFile[]

/** Offers what has arrived to be saved. */
export function doneView({ changed, files, skipped }: Kept, onForget: () => void): View {
  const [, ...others] = files
  const unsaved = new Set(files)
  const saved = new SavedFiles()
  const saving = (some: Files, text: string, kind: 'primary' | 'plain') =>
    button(text, kind, () => {
      const [file] = some
      if (file !== undefined && some.length === 1) saved.save(file.content, nameOf(file))
      else saved.save(zipOf(archived(some)), zipName(some))
      for (const one of some) unsaved.delete(one)
    })
  const all = saving(files, others.length === 0 ? 'Save' : 'Save all as ZIP', 'primary')
  const lines = files.map((file) => ({
    path: file.path,
    detail: formatBytes(file.content.size),
    ...(others.length > 0 && { action: labelled(saving([file], 'Save', 'plain'), `Save ${cleanText(file.path)}`) })
  }))
  const element = h(
    'section',
    {},
    heading(`${countText(files.length)} here`),
    h('p', { role: 'status' }, endText(changed.length + skipped.length)),
    fileList(lines),
    ...missingNote(changed, 'not received, changed or removed by the sender:'),
    ...missingNote(skipped, 'not received because of the name:'),
    h(
      'div',
      { class: 'buttons' },
      all,
      forgetButton(() => unsaved.size, onForget)
    ),
    h('p', { class: 'muted' }, 'Saved? Then delete the copy in this browser, and close the page.')
  )
  return { element, update() {}, leave: () => saved.release() }
}

function endText(missing: number): string {
  return missing === 0
    ? 'Everything has arrived, and is what the sender has (SHA-256).'
    : 'What is here is what the sender has (SHA-256).'
}

/** Asks once more: a browser does not tell the page whether it has finished saving, or whether the user cancelled that. */
function forgetButton(unsavedCount: () => number, onForget: () => void): HTMLElement {
  let isSure = false
  const forget: HTMLButtonElement = button('Delete from this browser', 'plain', () => {
    if (isSure) onForget()
    isSure = true
    const unsaved = unsavedCount()
    forget.textContent =
      unsaved > 0 ? `Not saved: ${countText(unsaved)}. Delete anyway` : 'Has the browser finished saving? Then delete'
  })
  return forget
}

function labelled(element: HTMLElement, label: string): HTMLElement {
  element.setAttribute('aria-label', label)
  return element
}

function missingNote(names: readonly string[], why: string): HTMLElement[] {
  if (names.length === 0) return []
  const text = `${countText(names.length)} ${why}`
  return [h('p', { class: 'problem' }, text), fileList(names.map((path) => ({ path, detail: '' })))]
}

function archived(files: Files): Files {
  return files.map((file) => ({ ...file, path: archivePath(file.path) }))
}

function nameOf({ path }: KeptFile): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The folder's name, if all files are in one. */
function zipName(files: Files): string {
  const folders = new Set(files.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')))
  const [folder = ''] = folders
  return `${folders.size === 1 && folder !== '' ? folder : 'swarmway-files'}.zip`
}

/** Hands files to the browser to save. It may read them for as long as that takes: minutes, if they are large. */
class SavedFiles {
  readonly #urls = new Set<string>()

  /** What is of no known type is not opened but saved. */
  save(content: Blob, name: string): void {
    const url = URL.createObjectURL(content.slice(0, content.size, 'application/octet-stream'))
    this.#urls.add(url)
    const link = document.createElement('a')
    link.href = url
    link.download = name
    link.click()
  }

  /** They cannot be saved again after this. */
  release(): void {
    for (const url of this.#urls) URL.revokeObjectURL(url)
    this.#urls.clear()
  }
}
