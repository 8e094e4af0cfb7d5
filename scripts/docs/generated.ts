/** Everything in the docs that is made and not written: whole pages, and parts of pages. */
import { format } from './format.ts'
import { OUTLINES } from './reference/outlines.ts'
import { render } from './reference/render.ts'

/** The texts of all generated pages, by path. */
export function generate(): Map<string, string> {
  const pages = new Map(OUTLINES.map((outline) => [outline.path, render(outline)]))
  return new Map([...pages].map(([path, text]) => [path, format(path, text)]))
}
