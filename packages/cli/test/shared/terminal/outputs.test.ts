/**
 * A stranger's control characters never reach a log or a terminal. C1 controls, which JSON does not escape, got from
 * a client's user agent into the log, where U+009B changes colours, moves the cursor, or worse.
 */

import { Duplex } from 'node:stream'
import {
  decodeDenied,
  decodeHello,
  encodeDenied,
  encodeHello,
  HEADER_BYTES,
  Link,
  ProxyError,
  printable
} from '@swarmway/proxy-protocol'
import { expect, test } from 'vitest'
import { assertNamed } from '../../../../proxy-server/src/listening/keys.js'
import { turns } from '../../../../runtime/test/support/until.js'
import { plainRoom } from '../../../src/chat/plain.js'
import { cleanNick, decodeText, encodeText, MESSAGE } from '../../../src/chat/wire.js'
import { findingsJson, findingText } from '../../../src/doctor/finding.js'
import { createLog } from '../../../src/proxy/server/log.js'
import { Channel } from '../../../src/shared/channel/channel.js'
import { CliError } from '../../../src/shared/errors/cli-error.js'
import { reportError } from '../../../src/shared/errors/report-error.js'
import { colorsFor } from '../../../src/shared/terminal/colors.js'
import { Status } from '../../../src/shared/terminal/status.js'
import { connectionPair } from '../../support/connections.js'

const EVIL = [
  'begin\u0000\u0007\b\r\u001b[31m\u001b]0;title\u0007', // C0
  '\u007f\u0080\u0085\u009b31m\u009d0;title\u009c', // DEL and C1
  '\u061c\u200e\u200f\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2068\u2069', // direction
  '\u2028\u2029end' // line ends
].join('')

const HARMFUL = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

/** Captures what is written. */
function catcher() {
  const output = { text: '', isTTY: false, write: (text: string) => (output.text += text) }
  return output
}

const LIMITS = { maxStreams: 1, maxRequests: 1, requestsPerSecond: 1, maxBodyBytes: 1 }
const FINDING = { check: 'proxy', level: 'fail', text: EVIL, hint: EVIL, data: { what: EVIL } } as const
const plain = colorsFor({ isTTY: false })

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const output = catcher()
  write(createLog({ logLevel: 'debug' }, null, output))
  return output.text
}

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

function reported(error: unknown, env: NodeJS.ProcessEnv = {}): string {
  const output = catcher()
  reportError(error, output, env)
  return output.text
}

const OUTPUTS: [what: string, output: () => string | Promise<string>][] = [
  ['the user agent in a greeting', () => decodeHello(helloOf(EVIL)).userAgent],
  ['the error of the other side', () => decodeDenied(deniedOf(EVIL)).error.message],
  ['the error of a duplex', () => duplexError(EVIL)],
  ['the name in a proof', () => messageOf(() => assertNamed(EVIL, ['a.example'], null))],
  [
    'a value in the log',
    () => logged((log) => log.info({ userAgent: EVIL, nested: [{ address: EVIL }] }, 'client connected'))
  ],
  ['a message in the log', () => logged((log) => log.warn(EVIL))],
  ['an error in the log', () => logged((log) => log.error(new Error(EVIL)))],
  ['a status line in passing', () => statusOf((status) => status.say(EVIL))],
  ['a status line to be read', () => statusOf((status) => status.tell(EVIL))],
  ['an error that ended a command', () => reported(new CliError(EVIL, { hint: EVIL }))],
  ['an unexpected error that ended a command', () => reported(new Error(EVIL))],
  ['its stack', () => reported(new CliError('x', { cause: new Error(EVIL) }), { SWARMWAY_DEBUG: '1' })],
  ['a finding of the doctor', () => findingText(FINDING, plain)],
  ['the findings for programs', () => findingsJson([FINDING])],
  ['a nick', () => cleanNick(EVIL)],
  ['a line of a chat', () => decodeText(Buffer.from(EVIL)) ?? ''],
  ['a chat in a pipe', () => chatOf(EVIL)]
]

test.each(OUTPUTS)('%s can be printed', async (_, output) => {
  const text = await output()
  expect(text).toContain('begin')
  expect(text).not.toMatch(HARMFUL)
})

test('a line of a log stays one line, and JSON', () => {
  const text = logged((log) => log.info({ userAgent: `one\ntwo${EVIL}` }, 'client connected'))
  expect(text.match(/\n/g)).toHaveLength(1)
  expect(JSON.parse(text)).toMatchObject({ msg: 'client connected', level: 'info' })
})

test('other text is left as it is', () => {
  for (const text of ['', ' a  b ', 'grüße 安娜 אנה 👩‍👧 e\u0301', '~`|<>&"\\']) expect(printable(text)).toBe(text)
})

function helloOf(userAgent: string): Uint8Array {
  return encodeHello({ auth: new Uint8Array(0), userAgent, limits: LIMITS }).subarray(HEADER_BYTES)
}

function deniedOf(message: string): Uint8Array {
  return encodeDenied({ error: new ProxyError('AUTH_DENIED', message), retry: false }).subarray(HEADER_BYTES)
}

async function duplexError(message: string): Promise<string> {
  const duplex = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const link = new Link(duplex)
  duplex.destroy(new Error(message))
  return (await link.closed).message
}

function statusOf(act: (status: Status) => void): string {
  const output = catcher()
  act(new Status(output))
  return output.text
}

/** A member with this nick says it. */
async function chatOf(text: string): Promise<string> {
  const output = catcher()
  const [near, far] = connectionPair(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2))
  const swarm = { on: (_event: string, onConnection: (connection: unknown) => void) => onConnection(near), join() {} }
  plainRoom('me', { output, status: new Status(output) }).enter(swarm as never, new Uint8Array(32))
  const channel = new Channel(far, { onMessage() {}, onClose() {} })
  channel.send(MESSAGE.hello, encodeText(text))
  channel.send(MESSAGE.say, encodeText(text))
  await turns()
  return output.text
}
