import { expect, test } from 'vitest'
import { run } from '../src/run.js'
import { asksForJson, jsonLine } from '../src/shared/command/json.js'
import { CliError, usageError } from '../src/shared/errors/cli-error.js'
import { EXIT } from '../src/shared/errors/exit-codes.js'
import { reportError } from '../src/shared/errors/report-error.js'

class Output {
  text = ''
  readonly isTTY: boolean

  constructor(isTTY = false) {
    this.isTTY = isTTY
  }

  write(text: string): void {
    this.text += text
  }
}

test('an unknown command suggests a similar one', async () => {
  const output = new Output()
  expect(await run(['chta'], output)).toBe(EXIT.usage)
  expect(output.text).toBe("error: Unknown command 'chta'.\nhint:  Did you mean chat?\n")
})

test('an unknown option of a command is a usage error with a hint', async () => {
  const output = new Output()
  expect(await run(['proxy', '--prot', '1'], output)).toBe(EXIT.usage)
  expect(output.text).toMatch(/^error: Unknown option '--prot'\.\nhint: {2}Did you mean --port\?\n$/)
})

test.each([
  [['proxy', '--port'], '--port needs a value.'],
  [['chat', '-n'], '--nick needs a value.'],
  [['completion', 'foo'], "'foo' is not supported. Choose one of bash, zsh, fish."]
])('%j is answered in plain words', async (args, sentence) => {
  const output = new Output()
  expect(await run(args, output)).toBe(EXIT.usage)
  expect(output.text).toContain(`error: ${sentence}\n`)
})

// It asked for --yes first, and then said that this is not a code.
test.each([
  [['receive', 'abc'], 'A code is 5 words, and this is 1 word.'],
  [['receive'], 'There is no code, and no terminal to ask for it.'],
  [['receive', 'abandon-ability-able-about-above'], 'There is no terminal to ask whether']
])('%j without a terminal says what is wrong with it', async (args, sentence) => {
  const output = new Output()
  expect(await run(args, output)).toBe(EXIT.usage)
  expect(output.text).toContain(sentence)
})

test('an error is one sentence, a hint, and its own exit code', () => {
  const output = new Output()
  const error = new CliError('Nobody answered.', { hint: 'Try later.', exitCode: EXIT.notFound })
  expect(reportError(error, output, {})).toBe(5)
  expect(output.text).toBe('error: Nobody answered.\nhint:  Try later.\n')
})

test('a bug shows its stack with SWARMWAY_DEBUG only', () => {
  const quiet = new Output()
  const loud = new Output()
  const error = new Error('broken', { cause: new Error('deeper') })
  expect(reportError(error, quiet, {})).toBe(EXIT.unexpected)
  expect(reportError(error, loud, { SWARMWAY_DEBUG: '1' })).toBe(EXIT.unexpected)
  expect(quiet.text.split('\n')).toHaveLength(3)
  expect(loud.text).toContain('run.test.ts')
  expect(loud.text).toContain('caused by: Error: deeper')
})

test('colours on a terminal only, unless the environment says otherwise', () => {
  const shown = (isTTY: boolean, env: NodeJS.ProcessEnv): boolean => {
    const output = new Output(isTTY)
    reportError(usageError('No.'), output, env)
    return output.text.includes('\u001b[')
  }
  expect(shown(true, {})).toBe(true)
  expect(shown(false, {})).toBe(false)
  expect(shown(true, { TERM: 'dumb' })).toBe(false)
  expect(shown(true, { NO_COLOR: '1' })).toBe(false)
  expect(shown(true, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false)
  expect(shown(true, { NO_COLOR: '' })).toBe(true)
  expect(shown(false, { FORCE_COLOR: '1' })).toBe(true)
  expect(shown(true, { FORCE_COLOR: '0' })).toBe(false)
})

test('a message of a proxy server is shown without control characters', () => {
  // A refusal's message comes from the server; it could have cleared the screen and written anything.
  const output = new Output()
  reportError(new CliError('It refuses us: \u001b[2Jno\u202e\u200f\nhint: run this.'), output, {})
  expect(output.text).toBe('error: It refuses us:  [2Jno hint: run this.\n')
})

// With --json, an error was text on standard error only: a program that read standard output got nothing.
test('with --json, an error is a line of JSON as well', async () => {
  const [stderr, stdout] = [new Output(), new Output()]
  expect(await run(['receive', 'two words', '--yes', '--json'], stderr, stdout)).toBe(EXIT.usage)
  expect(stderr.text).toMatch(/^error: A code is 5 words/)
  expect(JSON.parse(stdout.text)).toEqual({
    error: {
      code: 'usage',
      exitCode: EXIT.usage,
      message: 'A code is 5 words, and this is 2 words.',
      hint: expect.stringContaining('swarmway send')
    }
  })
  const none = new Output()
  await run(['receive', 'two words', '--yes'], stderr, none)
  expect(none.text).toBe('')
})

test('a wrong option beside --json is a line of JSON, and a name after -- is none', async () => {
  const stdout = new Output()
  expect(await run(['get', '--json', '--lst'], new Output(), stdout)).toBe(EXIT.usage)
  expect(JSON.parse(stdout.text)).toMatchObject({ error: { code: 'usage', hint: 'Did you mean --list?' } })
  expect(asksForJson(['pipe', '--', '--json'])).toBe(false)
})

test('names in JSON stay what they are, and do nothing to a terminal', () => {
  const name = 'a\u009b31m\u202e\u2028b'
  expect(jsonLine({ name })).toBe('{"name":"a\\u009b31m\\u202e\\u2028b"}\n')
  expect(JSON.parse(jsonLine({ name }))).toEqual({ name })
})
