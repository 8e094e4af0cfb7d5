/** Links of the READMEs as a registry shows them, where the files around them are not. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Place {
  address: string
  directory: string
  version: string
}

const script = new URL('../../scripts/release/readme.mjs', import.meta.url)
const { withAbsoluteLinks } = (await import(script.href)) as {
  withAbsoluteLinks(markdown: string, place: Place): string
}
const root = new URL('../../', import.meta.url)
const AT = 'https://code.example/someone/something'
const place = (directory: string) => ({ address: AT, directory, version: '1.2.3' })

test.each([
  ['[a](../../docs/a.md#part)', `[a](${AT}/blob/v1.2.3/docs/a.md#part)`],
  ['[b](../other/README.md), [c](#here)', `[b](${AT}/blob/v1.2.3/packages/other/README.md), [c](#here)`],
  ['![d](../../docs/d.png)', `![d](${AT}/raw/v1.2.3/docs/d.png)`],
  ['[e](https://e.example/x) and [f](mailto:f@e.example)', '[e](https://e.example/x) and [f](mailto:f@e.example)']
])('%s', (before, after) => {
  expect(withAbsoluteLinks(before, place('packages/this'))).toBe(after)
})

test.each(readdirSync(new URL('packages/', root)))('no link of packages/%s is dead on a registry', (name) => {
  const readme = readFileSync(new URL(`packages/${name}/README.md`, root), 'utf8')
  const shown = withAbsoluteLinks(readme, place(`packages/${name}`))
  const links = [...shown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !/^(https:|#)/.test(link))).toEqual([])
  for (const link of links.filter((link) => link.startsWith(AT))) {
    const [path = ''] = link.replace(/^.*\/v1\.2\.3\//, '').split('#')
    expect(existsSync(new URL(path, root)), link).toBe(true)
  }
})
