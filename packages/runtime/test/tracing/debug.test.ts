import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { formatTrace } from '../../src/index.js'
import { isNamed } from '../../src/tracing/debug.js'

test.each([
  ['', false],
  ['*', true],
  ['swarmway:*', true],
  ['swarmway:dial', true],
  ['swarmway:dia', false],
  ['swarmway:d*l', true],
  ['express:*, swarmway:dial', true],
  ['swarmway:link swarmway:dial', true],
  ['swarmway:*,-swarmway:dial', false],
  ['-swarmway:dial,swarmway:*', false],
  ['swarmway:*,-swarmway:l*', true],
  ['-swarmway:link', false],
  ['swarmway.dial', false],
  ['swarmway:dial(', false]
])('DEBUG=%s', (debug, expected) => {
  expect(isNamed('swarmway:dial', debug)).toBe(expected)
})

test('a record as a line; nobody can make up fields with spaces or quotes', () => {
  const fields = {
    peer: 'a0a1a2a3',
    code: 'X',
    reason: 'no " code=Y',
    nextTryMs: null,
    durationMs: 12.6,
    retried: true
  }
  const line = formatTrace({ area: 'dial', event: 'failed', timeMs: 1234.5, fields })
  const reason = String.raw`reason="no \" code=Y"`
  expect(line).toBe(
    `+1.234s swarmway:dial failed peer=a0a1a2a3 code=X ${reason} nextTryMs=null durationMs=13 retried=true`
  )
})

const RUNTIME = new URL('../../dist/index.js', import.meta.url).href
const PROGRAM = `
  import { trace } from '${RUNTIME}'
  trace.dial?.('opened', { peer: new Uint8Array(32).fill(0x12) })
  trace.link?.('open', {})
  console.log('done')`

async function run(env: Record<string, string>) {
  const { DEBUG: _, ...rest } = process.env
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', PROGRAM], { env: { ...rest, ...env } })
}

test('DEBUG prints on standard error what it names, and nothing without it', async () => {
  const dial = String.raw`\+\d+\.\d{3}s swarmway:dial opened peer=12121212\n`
  const link = String.raw`\+\d+\.\d{3}s swarmway:link open\n`
  for (const [debug, expected] of [
    ['swarmway:*', dial + link],
    ['swarmway:*,-swarmway:link', dial],
    ['swarmway:link', link],
    ['', '']
  ] as const) {
    const { stderr, stdout } = await run({ DEBUG: debug })
    expect(stderr).toMatch(new RegExp(`^${expected}$`))
    expect(stdout).toBe('done\n')
  }
})
