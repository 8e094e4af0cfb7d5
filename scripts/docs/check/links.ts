/** Checks that links to files and anchors of the repository lead somewhere; of external links, only the form. */
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Link, Page } from '../page.ts'
import { ROOT } from '../root.ts'

/** Returns a line for each link that leads nowhere. */
export function checkLinks(pages: readonly Page[]): string[] {
  const byPath = new Map(pages.map((page) => [page.path, page]))
  return pages.flatMap((page) =>
    page.links.flatMap((link) => {
      const fault = faultOf(link, page, byPath)
      return fault === null ? [] : [`${page.path}:${link.line} ${link.url}: ${fault}`]
    })
  )
}

function faultOf({ url }: Link, page: Page, pages: ReadonlyMap<string, Page>): string | null {
  if (/^[a-z]+:/i.test(url)) return isExternal(url) ? null : 'not a URL that begins with https://'
  const [path = '', anchor] = url.split('#')
  const target = path === '' ? page.path : posix.join(posix.dirname(page.path), decodeURI(path)).replace(/\/$/, '')
  if (target.startsWith('..')) return 'leads out of the repository'
  if (!pages.has(target) && !existsSync(join(ROOT, target))) return 'no such file'
  if (anchor === undefined) return null
  const anchors = pages.get(target)?.anchors
  if (anchors === undefined) return 'an anchor in a file that is not a page'
  return anchors.has(anchor) ? null : 'no such heading'
}

function isExternal(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:' && new URL(url).hostname.includes('.')
}
