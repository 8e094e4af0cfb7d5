/** The generated parts of the docs match the sources, `--help` and bench/results: `npm run docs` regenerates them. */
import { describe, expect, test } from 'vitest'
import { generate } from '../../scripts/docs/generated.ts'
import { optionsTable } from '../../scripts/docs/reference/markdown.ts'
import { fill } from '../../scripts/docs/regions.ts'
import { readText } from '../../scripts/docs/root.ts'

const made = generate()

describe('is up to date; if not, run `npm run docs`', () => {
  test.each([...made.keys()])('%s', (path) => {
    expect(readText(path)).toBe(made.get(path))
  })
})

test('an option whose comment lacks its default is reported', () => {
  const doc = { text: 'What it does.', default: null }
  const option = { path: 'Options.port', name: 'port', type: 'number', signature: null, isOptional: true, doc }
  expect(() => optionsTable([option])).toThrow('Options.port')
})

test('a part without a generator is reported', () => {
  expect(() => fill('docs/sample.md', '<!-- made: nothing -->\n<!-- /made -->')).toThrow('docs/sample.md')
})
