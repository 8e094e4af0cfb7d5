import { readFile, writeFile } from 'node:fs/promises'
import { join, posix, relative } from 'node:path'
import { root } from '../shared/packages.mjs'

/** `](path` of a link or, with what is before it, of an image; not that of a URL or of a heading of the page. */
const RELATIVE = /(!\[[^\]]*)?\]\((?![a-z]+:|#|\/)([^)\s]+)/g

/** A registry shows a README alone: what it links to is where the repository is, as it was at this version. */
export async function setReadmeLinks({ folder, version }, address) {
  const path = join(folder, 'README.md')
  const directory = relative(root, folder).replaceAll('\\', '/')
  await writeFile(path, withAbsoluteLinks(await readFile(path, 'utf8'), { address, directory, version }))
}

/** The page with all its relative links made absolute. */
export function withAbsoluteLinks(markdown, { address, directory, version }) {
  return markdown.replaceAll(RELATIVE, (_link, image = '', path) => {
    const kind = image === '' ? 'blob' : 'raw'
    return `${image}](${address}/${kind}/v${version}/${posix.join(directory, path)}`
  })
}
