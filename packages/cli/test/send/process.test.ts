import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { MAIN, run, runAsUser, start } from '../support/command.js'
import { temporaryFolder, useNetwork } from '../support/net.js'

const network = useNetwork()
const CODE = /receive ([a-z]+(?:-[a-z]+){4})/

/** A folder with files in folders, and the contents. */
function sampleFolder(): { path: string; big: Buffer } {
  const path = join(temporaryFolder(), 'photos')
  mkdirSync(join(path, 'trip'), { recursive: true })
  const big = randomBytes(9_000_000)
  writeFileSync(join(path, 'trip', 'big.bin'), big)
  writeFileSync(join(path, 'empty'), '')
  writeFileSync(join(path, '.env'), 'SECRET=1')
  return { path, big }
}

async function startSending(args: readonly string[]) {
  const sender = start(['send', ...args])
  await sender.says(CODE)
  const [, code = ''] = CODE.exec(sender.stderr) ?? []
  return { sender, code }
}

test.each(['natively', 'through a proxy server'])('a folder and a file arrive as they are, %s', async (how) => {
  const { native, proxy } = network()
  const { big, path } = sampleFolder()
  const note = join(temporaryFolder(), 'note.txt')
  writeFileSync(note, 'hello')
  const target = join(temporaryFolder(), 'new')
  const { code, sender } = await startSending([path, note, ...native])
  const way = how === 'natively' ? native : ['--proxy', await proxy()]
  const received = await run(['receive', code, target, '--yes', ...way])
  expect(received).toMatchObject({ code: EXIT.ok, stderr: expect.stringContaining('Done: 3 files') })
  expect(await sender.outcome()).toMatchObject({ code: EXIT.ok, stdout: Buffer.from(`${code}\n`) })
  expect(readFileSync(join(target, 'photos/trip/big.bin')).equals(big)).toBe(true)
  expect(readFileSync(join(target, 'note.txt'), 'utf8')).toBe('hello')
  expect(readdirSync(join(target, 'photos')).sort()).toEqual(['empty', 'trip'])
  expect(sender.stderr).toContain('Left out, ignored (1): .env')
})

test('with --keep, several receive until Ctrl-C', async () => {
  const { native } = network()
  const { code, sender } = await startSending([sampleFolder().path, '--keep', ...native])
  const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()]
  const outcomes = await Promise.all(folders.map((to) => run(['receive', code, to, '--yes', ...native])))
  expect(outcomes.map((one) => one.code)).toEqual([EXIT.ok, EXIT.ok, EXIT.ok])
  expect((await sender.kill('SIGINT').outcome()).code).toBe(EXIT.ok)
})

test('a receiver that was killed resumes with the same code and fetches only what is missing', async () => {
  const { native, proxy } = network()
  const path = join(temporaryFolder(), 'movie')
  const content = randomBytes(150_000_000)
  writeFileSync(path, content)
  const target = temporaryFolder()
  const { code, sender } = await startSending([path, ...native])
  // This process carries what is received, so not much more arrives before the signal, however slow the others are.
  const first = start(['receive', code, target, '--yes', '--proxy', await proxy()])
  const partBytes = () => {
    const part = readdirSync(target).find((name) => /^\.swarmway-[0-9a-f]{16}\.part$/.test(name))
    return part === undefined ? 0 : statSync(join(target, part)).size
  }
  await until('a part of the file', () => partBytes() > 1_000_000)
  await first.kill('SIGKILL').outcome()
  const bytes = partBytes()
  expect(existsSync(join(target, 'movie'))).toBe(false)
  const again = await run(['receive', code, target, '--yes', '--json', ...native])
  expect(JSON.parse(again.stdout.toString())).toEqual({
    folder: target,
    declined: false,
    changed: [],
    skipped: [],
    files: [{ path: 'movie', bytes: content.length }],
    bytes: content.length,
    fetchedBytes: content.length - bytes
  })
  expect(readFileSync(join(target, 'movie')).equals(content)).toBe(true)
  expect(readdirSync(target)).toEqual(['movie'])
  expect((await sender.outcome()).code).toBe(EXIT.ok)
})

test('a file that is here is not replaced, and the code is still good', async () => {
  const { native } = network()
  const note = join(temporaryFolder(), 'note.txt')
  writeFileSync(note, 'new')
  const target = temporaryFolder()
  writeFileSync(join(target, 'note.txt'), 'mine')
  const { code, sender } = await startSending([note, ...native])
  const refused = await run(['receive', code, target, '--yes', ...native])
  expect(refused).toMatchObject({ code: EXIT.unusable, stderr: expect.stringContaining('Not written: note.txt') })
  await sender.says('The receiver has other files of these names, and took nothing. The code still works')
  expect(readFileSync(join(target, 'note.txt'), 'utf8')).toBe('mine')
  const replaced = await run(['receive', code, target, '--yes', '--overwrite', ...native])
  expect(replaced.code).toBe(EXIT.ok)
  expect(readFileSync(join(target, 'note.txt'), 'utf8')).toBe('new')
  expect((await sender.outcome()).code).toBe(EXIT.ok)
})

test('--link shows a link to a page, and --json has it on a line of its own', async () => {
  const note = join(temporaryFolder(), 'note')
  writeFileSync(note, 'hello')
  const page = 'https://files.example/get'
  const sender = start(['send', note, '--json', '--link', page, ...network().native])
  await sender.prints('"link"')
  const [code, link] = sender.stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(link).toEqual({ event: 'link', link: `${page}#${code.code}` })
  const wrong = await run(['send', note, '--link', 'files.example'])
  expect(wrong).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining('Give the address of the page') })
})

test('SWARMWAY_LINK names the page, too', async () => {
  const note = join(temporaryFolder(), 'note')
  writeFileSync(note, 'hello')
  const page = 'https://files.example/get'
  const sender = start(['send', note, ...network().native], { SWARMWAY_LINK: page })
  await sender.says(`Or in a browser: ${page}#`)
  await sender.says('(that server must be trusted: it serves the page)')
})

// "Capitals and spaces do not matter", said the help; without quotes, the shell made five arguments of the code, and the
// command complained about them. What cannot be received at all was noticed by the receiver, if anybody.
test('a code is typed word by word, and what the sender cannot send is named', async () => {
  const { native } = network()
  const path = join(temporaryFolder(), 'notes')
  mkdirSync(join(path, 'nothing'), { recursive: true })
  writeFileSync(join(path, 'note'), 'hello')
  writeFileSync(join(path, 'two\nlines'), 'x')
  const { code, sender } = await startSending([path, ...native])
  expect(sender.stderr).toContain('that do not show, such as line breaks (1): two lines.')
  expect(sender.stderr).toContain('Left out, empty folders (1): nothing/.')
  const target = temporaryFolder()
  expect((await run(['receive', ...code.toUpperCase().split('-'), target, '--yes', ...native])).code).toBe(EXIT.ok)
  expect(readdirSync(join(target, 'notes'))).toEqual(['note'])
  expect((await sender.outcome()).code).toBe(EXIT.ok)
  const named = await run(['send', join(path, 'two\nlines')])
  expect(named).toMatchObject({ code: EXIT.unusable, stderr: expect.stringContaining('Rename it.') })
})

// The sender showed a code, and only the receiver learned that it could not be read. Of a folder, it named a rules file that
// is not there.
test.runIf(process.platform === 'linux')('what this user may not read is named before there is a code', async () => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'closed'), { mode: 0o000 })
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'hello', { mode: 0o000 })
  const [file, both, open] = await Promise.all([
    runAsUser(['send', secret]),
    runAsUser(['send', folder]),
    runAsUser(['send', '--no-ignore', folder])
  ])
  expect(file).toMatchObject({
    code: EXIT.unusable,
    stderr: expect.stringContaining(`This user may not read ${secret}.`)
  })
  for (const { code, stderr } of [both, open]) {
    expect([code, stderr]).toEqual([EXIT.unusable, expect.stringContaining(`This user may not read ${folder}/closed.`)])
  }
  rmdirSync(join(folder, 'closed'))
  const { stderr } = await runAsUser(['share', folder, '--storage', join(folder, 'x')])
  expect(stderr).toContain('inside the shared folder')
  expect((await runAsUser(['send', folder])).stderr).toContain(`This user may not read ${secret}.`)
})

// It asked, began, and failed; the sender had to wait for another attempt.
test.runIf(process.platform === 'linux')(
  'a folder that this user may not write to is named before anything comes',
  async () => {
    const { native } = network()
    const { code } = await startSending([sampleFolder().path, ...native])
    const target = temporaryFolder()
    chmodSync(target, 0o555)
    const received = await runAsUser(['receive', code, target, '--yes', ...native])
    expect(received).toMatchObject({
      code: EXIT.unusable,
      stderr: expect.stringContaining(`Nothing can be written to ${target}: this user has no permission.`)
    })
  }
)

// Both wrote to one unfinished file: what the first called done could have had a hole, or parts of another file.
test('two processes do not receive one file into one folder at the same time', async () => {
  const { native, proxy } = network()
  const path = join(temporaryFolder(), 'movie')
  const content = randomBytes(50_000_000)
  writeFileSync(path, content)
  const { code } = await startSending([path, '--keep', ...native])
  const target = temporaryFolder()
  const first = start(['receive', code, target, '--yes', '--proxy', await proxy()])
  await until('a part of the file', () => readdirSync(target).some((name) => name.startsWith('.swarmway-')))
  first.kill('SIGSTOP')
  const second = await run(['receive', code, target, '--yes', ...native])
  first.kill('SIGCONT')
  const stderr = expect.stringContaining('Another swarmway is receiving movie')
  expect(second).toMatchObject({ code: EXIT.unusable, stderr })
  expect((await first.outcome()).code).toBe(EXIT.ok)
  expect(readFileSync(join(target, 'movie')).equals(content)).toBe(true)
  expect(readdirSync(target)).toEqual(['movie'])
})

// A program that read standard output got nothing at all if the command failed.
test('with --json, what was refused is a line of JSON', async () => {
  const { native } = network()
  const path = join(temporaryFolder(), 'note')
  writeFileSync(path, 'new')
  const target = temporaryFolder()
  writeFileSync(join(target, 'note'), 'mine')
  const { code } = await startSending([path, ...native])
  const { code: exitCode, stdout } = await run(['receive', code, target, '--yes', '--json', ...native])
  expect(exitCode).toBe(EXIT.unusable)
  const { error } = JSON.parse(stdout.toString())
  expect(error).toMatchObject({ code: 'unusable', exitCode, message: expect.stringContaining('nothing was received') })
  expect(error.refused).toEqual([{ path: 'note', bytes: 3, reason: 'there is another file of this name' }])
})

test('wrong input is explained before anything happens', async () => {
  const cases: [string[], number, string][] = [
    [['receive', 'two words', '--yes'], EXIT.usage, 'A code is 5 words, and this is 2 words'],
    [['receive', 'abandon-ability-able-about-abuve', '--yes'], EXIT.usage, 'Did you mean'],
    [['receive', 'abandon-ability-able-about-above'], EXIT.usage, 'Add --yes'],
    [['send', '/does/not/exist'], EXIT.unusable, 'does not exist'],
    [['send', '-'], EXIT.unusable, 'swarmway pipe'],
    [['send', `${MAIN}/below`], EXIT.unusable, 'Check the path'],
    [['share', `${MAIN}/below`], EXIT.unusable, 'Check the path'],
    [['receive', 'abandon-ability-able-about-above', `${MAIN}/below`, '--yes'], EXIT.unusable, 'Check the path'],
    [['receive', 'abandon', 'ability', 'able', 'about', '--yes'], EXIT.usage, 'and this is 4 words'],
    [['send', ''], EXIT.usage, 'The path is empty.'],
    [['receive', 'abandon-ability-able-about-above', '', '--yes'], EXIT.usage, 'The path is empty.'],
    [['send', '.', '--link', 'http://files.example'], EXIT.usage, 'Give an https:// address'],
    [['send', temporaryFolder()], EXIT.unusable, 'no file to send']
  ]
  const outcomes = await Promise.all(cases.map(([args]) => run(args)))
  for (const [i, [, code, text]] of cases.entries()) {
    expect(outcomes[i]).toMatchObject({ code, stderr: expect.stringContaining(text) })
  }
})

test('nobody with that code is found within the time given', async () => {
  const outcome = await run([
    'receive',
    'abandon-ability-able-about-above',
    '--yes',
    '--timeout',
    '0.5',
    ...network().native
  ])
  expect(outcome).toMatchObject({ code: EXIT.notFound, stderr: expect.stringContaining('No sender was found') })
})
