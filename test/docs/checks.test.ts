/** The checks find the faults of a page. */
import { expect, test } from 'vitest'
import { checkData } from '../../scripts/docs/check/data.ts'
import { checkLinks } from '../../scripts/docs/check/links.ts'
import { checkShell } from '../../scripts/docs/check/shell.ts'
import { checkTypes } from '../../scripts/docs/check/types.ts'
import { parsePage } from '../../scripts/docs/page.ts'

const page = (markdown: string, path = 'docs/sample.md') => parsePage(path, markdown)

function block(lang: string, text: string, comment = '', path?: string) {
  return page(`${comment}\n\`\`\`${lang}\n${text}\n\`\`\``, path).blocks
}

test('a wrong name, a wrong option and a wrong argument in samples are reported with their lines', () => {
  const samples = [
    block('js', "import { Swarn } from '@swarmway/swarm'"),
    block('ts', "import { Swarm } from '@swarmway/swarm'\n\nnew Swarm({ maxPears: 3 })", '', 'docs/other.md'),
    block('js', 'swarm.join("name")', '<!-- given: swarm -->', 'docs/third.md')
  ].flat()
  const [name, option, argument] = checkTypes(samples)
  expect(name).toMatch(/^docs\/sample\.md:3 .*Swarn/)
  expect(option).toMatch(/^docs\/other\.md:5 .*maxPears/)
  expect(argument).toMatch(/^docs\/third\.md:3 .*string/)
})

test('a sample for browsers cannot use Node', () => {
  const sample = "import { readFile } from 'node:fs/promises'\ndocument.title = String(process.pid)"
  expect(checkTypes(block('js', sample, '<!-- browser -->'))).toHaveLength(2)
  expect(checkTypes(block('js', 'document.title = "ok"', '<!-- browser -->'))).toEqual([])
})

test('a skipped block is not checked, and gives its reason', () => {
  expect(checkTypes(block('js', 'nonsense()', '<!-- skip: of another package -->'))).toEqual([])
  expect(() => block('js', 'nonsense()', '<!-- skip -->')).toThrow('docs/sample.md:3')
})

test.each([
  ['npm run nothing', 'no script nothing'],
  ['npm install @swarmway/nothing', 'no package @swarmway/nothing'],
  ['node nothing.js', 'no file nothing.js'],
  ['frobnicate --all', 'not a command'],
  ['swarmway nothing', 'unknown command'],
  ['npx swarmway pipe --nothing', 'unknown option'],
  ['cat x | swarmway pipe --nothing > y', 'unknown option'],
  ['TOKEN=x sudo node nothing.js', 'no file nothing.js']
])('the command `%s` does not exist', (command, fault) => {
  expect(checkShell([page(`\`\`\`sh\n# a comment\n${command}\n\`\`\``)])[0]).toContain(fault)
})

test('commands in sentences are checked too, complete or not', () => {
  const text =
    'Use `npm run nothing`, `swarmway proxy --nothing`, `swarmway proxy --token-file`, `npm test`, `swarmway`.'
  expect(checkShell([page(text)])).toHaveLength(2)
})

// These were skipped: whatever had an argument, and options without their command.
test('commands with arguments and options alone are checked in sentences', () => {
  const wrong = 'Use `swarmway send photos --nothing`, `swarmway get <key> --nothing`, `--nothing 3`.'
  expect(checkShell([page(wrong)])).toHaveLength(3)
  expect(
    checkShell([page('Use `swarmway get <key> [folder]`, `npx swarmway send photos`, `--keep`, `--help`.')])
  ).toEqual([])
})

test('commands that exist pass', () => {
  const commands = 'npm test\nnpm run demo # with a comment\nswarmway --help\ncd docs && node scripts/setup.mjs'
  expect(checkShell([page(`\`\`\`sh\n${commands}\n\`\`\``)])).toEqual([])
})

test.each([
  ['json', '{ "a": }'],
  ['ini', 'no setting'],
  ['nginx', 'server {}'],
  ['python', 'pass'],
  ['', 'without a language']
])('a bad block of "%s" is reported', (lang, text) => {
  expect(checkData(block(lang, text))).toHaveLength(1)
})

test.each([
  ['nothing.md', 'no such file'],
  ['../README.md#nothing', 'an anchor'],
  ['#nothing', 'no such heading'],
  ['../../elsewhere.md', 'leads out'],
  ['http://example.com', 'https']
])('a link to %s leads nowhere', (url, fault) => {
  expect(checkLinks([page(`# Title\n\n[text](${url})`)])[0]).toContain(fault)
})

test('links to files, folders, headings and other sites pass', () => {
  const links = ['#the-title', '../packages', 'errors.md', 'https://example.com/a#b'].map((url) => `[text](${url})`)
  expect(checkLinks([page(`# The title\n\n${links.join(' ')}`)])).toEqual([])
})
