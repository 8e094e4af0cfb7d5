/** The pages that people read. All are checked. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Page, parsePage } from './page.ts'
import { ROOT, readText } from './root.ts'

/** Folders whose pages are included at any depth; of the root, only those directly in it. */
const FOLDERS = ['docs', 'examples', 'packages']

/** Folders with files that are not ours or that a tool has made. */
const FOREIGN = /^(node_modules|dist|test-results|\..*)$/

/** Paths of all pages, sorted. */
export function pagePaths(): string[] {
  return [...markdownIn('', false), ...FOLDERS.flatMap((folder) => markdownIn(`${folder}/`, true))].sort()
}

/** Parses all pages. */
export function readPages(): Page[] {
  return pagePaths().map((path) => parsePage(path, readText(path)))
}

function markdownIn(folder: string, isRecursive: boolean): string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true })
  return entries.flatMap((entry) => {
    if (entry.isFile()) return entry.name.endsWith('.md') ? [folder + entry.name] : []
    return isRecursive && entry.isDirectory() && !FOREIGN.test(entry.name)
      ? markdownIn(`${folder}${entry.name}/`, true)
      : []
  })
}
