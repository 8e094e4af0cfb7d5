import { randomBytes } from 'node:crypto'
import { PassThrough, Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { turns, until } from '../../../runtime/test/support/until.js'
import { PipeSession } from '../../src/pipe/session.js'
import { MESSAGE } from '../../src/pipe/wire.js'
import { Channel } from '../../src/shared/channel/channel.js'
import { WINDOW_BYTES } from '../../src/shared/channel/credit.js'
import { CliError } from '../../src/shared/errors/cli-error.js'
import { EXIT } from '../../src/shared/errors/exit-codes.js'
import { connectionPair } from '../support/connections.js'

const KEY_A = new Uint8Array(32).fill(1)
const KEY_B = new Uint8Array(32).fill(2)
const NOBODY = { onMessage: () => {}, onClose: () => {} }

/** Keeps what is written, and accepts it only when told to. */
class SlowOutput extends Writable {
  bytes = 0
  isOpen = false
  #next: (() => void) | null = null

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    const take = () => {
      this.bytes += chunk.byteLength
      callback()
    }
    if (this.isOpen) take()
    else this.#next = take
  }

  /** Accepts one piece. */
  takeOne(): void {
    const next = this.#next
    this.#next = null
    next?.()
  }
}

function channels(): [Channel, Channel] {
  const [near, far] = connectionPair(KEY_A, KEY_B)
  return [new Channel(near, NOBODY), new Channel(far, NOBODY)]
}

function session(channel: Channel, input: Readable, output: Writable): PipeSession {
  const made = new PipeSession(channel, input, output)
  channel.receiver = made
  return made
}

function collect(): { output: Writable; content(): Buffer } {
  const chunks: Buffer[] = []
  const output = new Writable({
    write(chunk, _encoding, callback) {
      chunks.push(chunk)
      callback()
    }
  })
  return { output, content: () => Buffer.concat(chunks) }
}

/** The exit code of a session's failure. */
async function failureOf({ done }: PipeSession): Promise<{ exitCode: number; message: string }> {
  const error = await done.catch((reason: unknown) => reason)
  if (!(error instanceof CliError)) throw new Error(`no CliError: ${error}`)
  return { exitCode: error.exitCode, message: error.message }
}

test('bytes go both ways unchanged, and both sides count them', async () => {
  const [a, b] = channels()
  const [fromA, fromB] = [randomBytes(3_000_000), randomBytes(70_000)]
  const [atA, atB] = [collect(), collect()]
  const near = session(a, Readable.from([fromA]), atA.output)
  const far = session(b, Readable.from([fromB]), atB.output)
  expect(await near.done).toEqual({ sentBytes: 3_000_000, receivedBytes: 70_000, isCutShort: false })
  expect(await far.done).toEqual({ sentBytes: 70_000, receivedBytes: 3_000_000, isCutShort: false })
  expect(atA.content().equals(fromB) && atB.content().equals(fromA)).toBe(true)
})

test('the end of one input ends the other output, while the other direction continues', async () => {
  const [a, b] = channels()
  const late = new PassThrough()
  const [atA, atB] = [collect(), collect()]
  const near = session(a, Readable.from([]), atA.output)
  const far = session(b, late, atB.output)
  await until('the end at B', () => atB.output.writableFinished)
  expect(atA.output.writableFinished).toBe(false)
  late.end('still here')
  await Promise.all([near.done, far.done])
  expect(atA.content().toString()).toBe('still here')
})

test('a reader that stops reading holds the writer at the window, and again after it has read some', async () => {
  const [a, b] = channels()
  const output = new SlowOutput()
  let pulledBytes = 0
  const endless = new Readable({
    read() {
      pulledBytes += 65_536
      this.push(Buffer.alloc(65_536))
    }
  })
  const near = session(a, endless, collect().output)
  const far = session(b, new PassThrough(), output)
  near.done.catch(() => {})
  far.done.catch(() => {})
  const slackBytes = 4 * 65_536
  await until('the window to be full', () => pulledBytes >= WINDOW_BYTES)
  await turns(200)
  expect(pulledBytes).toBeLessThanOrEqual(WINDOW_BYTES + slackBytes)
  // A quarter is read: that much more may come, and then it stops again.
  while (output.bytes < WINDOW_BYTES / 4) {
    output.takeOne()
    await turns(1)
  }
  await until('more to be sent', () => pulledBytes >= WINDOW_BYTES * 1.2)
  await turns(200)
  expect(pulledBytes).toBeLessThanOrEqual(WINDOW_BYTES * 1.25 + slackBytes)
  b.destroy()
})

test('a peer that sends more than its credit is cut off', async () => {
  const [a, b] = channels()
  const far = session(b, new PassThrough(), new SlowOutput())
  for (let sent = 0; sent <= WINDOW_BYTES; sent += 65_536) a.send(MESSAGE.data, new Uint8Array(65_536))
  expect(await failureOf(far)).toMatchObject({ exitCode: EXIT.broken, message: expect.stringContaining('allowed') })
  await until('the connection to be closed', () => a.isClosed)
})

test('nonsense ends the session: an unknown message, and malformed credit', async () => {
  for (const [type, payload] of [
    [99, new Uint8Array(0)],
    [MESSAGE.credit, new Uint8Array(3)]
  ] as const) {
    const [a, b] = channels()
    const far = session(b, new PassThrough(), collect().output)
    a.send(type, payload)
    expect(await failureOf(far)).toMatchObject({ message: expect.stringContaining('invalid message') })
  }
})

test('it is an error if the other side leaves early, and our input is released', async () => {
  const [a, b] = channels()
  const input = new PassThrough()
  const far = session(b, input, collect().output)
  a.destroy()
  expect((await failureOf(far)).exitCode).toBe(EXIT.broken)
  expect(input.destroyed).toBe(true)
})

test('an output closed by its reader ends this side in order and tells the other', async () => {
  const [a, b] = channels()
  const output = new Writable({
    write(_chunk, _encoding, callback) {
      callback(Object.assign(new Error('broken pipe'), { code: 'EPIPE' }))
    }
  })
  const near = session(a, Readable.from([Buffer.from('much')]), collect().output)
  const far = session(b, new PassThrough(), output)
  expect(await far.done).toMatchObject({ isCutShort: true })
  expect(await failureOf(near)).toMatchObject({ message: expect.stringContaining('stopped reading') })
})

test('a failing input or output is reported as unusable', async () => {
  const [a, b] = channels()
  const input = new PassThrough()
  const near = session(a, input, collect().output)
  input.destroy(new Error('disk gone'))
  expect(await failureOf(near)).toMatchObject({
    exitCode: EXIT.unusable,
    message: expect.stringContaining('disk gone')
  })
  const output = new PassThrough()
  const far = session(b, new PassThrough(), output)
  output.destroy(new Error('disk full'))
  expect(await failureOf(far)).toMatchObject({ exitCode: EXIT.unusable, message: expect.stringContaining('disk full') })
})

// A person who typed the command as shown, without "> file", sat before a finished transfer that never ended.
test('at a terminal, the end of a file from the other side ends both', async () => {
  const [a, b] = connectionPair(KEY_A, KEY_B)
  const [near, far] = [new Channel(a, NOBODY), new Channel(b, NOBODY)]
  const typed = new PassThrough()
  const nearOutput = new PassThrough()
  const farOutput = new PassThrough()
  const expected: number[] = []
  const sender = new PipeSession(near, Readable.from([Buffer.from('file')]), nearOutput, { inputBytes: 4 })
  const terminal = new PipeSession(far, typed, farOutput, {
    isTyped: true,
    onExpected: (bytes) => expected.push(bytes)
  })
  near.receiver = sender
  far.receiver = terminal
  nearOutput.resume()
  expect((await sender.done).sentBytes).toBe(4)
  expect((await terminal.done).receivedBytes).toBe(4)
  expect(expected).toEqual([4])
})
