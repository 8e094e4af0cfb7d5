import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { failureOf } from '../../src/receive/acceptance.js'
import { DiskTarget } from '../../src/receive/disk-target.js'
import { IncomingTransfer, type ReceiveListener } from '../../src/receive/incoming-transfer.js'
import { planReceive } from '../../src/receive/plan.js'
import { OutgoingTransfer } from '../../src/send/outgoing-transfer.js'
import { readSource, type SourceFile } from '../../src/send/source-files.js'
import { sendText } from '../../src/send/text.js'
import { encodeFileStart, MESSAGE } from '../../src/send/wire.js'
import { Channel } from '../../src/shared/channel/channel.js'
import { WINDOW_BYTES } from '../../src/shared/channel/credit.js'
import { CliError } from '../../src/shared/errors/cli-error.js'
import { asWriteError } from '../../src/shared/errors/write-error.js'
import { connectionPair } from '../support/connections.js'
import { temporaryFolder } from '../support/net.js'

const NOBODY = { onMessage: () => {}, onClose: () => {} }
const QUIET = { onBegin: () => {}, onSent: () => {}, onChanged: () => {} }

function channels(): [Channel, Channel] {
  const [a, b] = connectionPair(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2))
  return [new Channel(a, NOBODY), new Channel(b, NOBODY)]
}

/** Receives everything that is offered into a folder. */
function receiveInto(channel: Channel, folder: string, overrides: Partial<ReceiveListener<DiskTarget>> = {}) {
  const transfer = new IncomingTransfer<DiskTarget>(channel, {
    onOffer: async (offer) => planReceive(offer, folder, {}).write.map((one) => new DiskTarget(one, folder)),
    onBusy: () => {},
    onBegin: () => {},
    onWritten: () => {},
    onFile: () => {},
    onChanged: () => {},
    ...overrides
  })
  channel.receiver = transfer
  return transfer
}

function sourceOf(content: Buffer): { path: string; files: readonly SourceFile[] } {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(path, content)
  return { path, files: readSource([path], true).files }
}

function send(channel: Channel, files: readonly SourceFile[], sent: number[] = []) {
  const transfer = new OutgoingTransfer(channel, files, { ...QUIET, onSent: (bytes) => sent.push(bytes) })
  channel.receiver = transfer
  return transfer
}

const partOf = (folder: string) => join(folder, readdirSync(folder).find((name) => name.endsWith('.part')) ?? '')

test('what an earlier attempt left is not sent again, if it is the beginning of the file', async () => {
  const content = randomBytes(1_000_000)
  const { files } = sourceOf(content)
  const folder = temporaryFolder()
  const [planned] = planReceive(files, folder, {}).write
  writeFileSync(planned?.unfinished ?? '', content.subarray(0, 700_000))
  const [near, far] = channels()
  const sent: number[] = []
  const [end, received] = [send(near, files, sent).ended, receiveInto(far, folder).ended]
  expect([await received, await end]).toEqual(['done', 'done'])
  expect(sent.reduce((sum, bytes) => sum + bytes)).toBe(300_000)
  expect(readFileSync(join(folder, 'file')).equals(content)).toBe(true)
  expect(statSync(join(folder, 'file')).mtimeMs).toBeCloseTo(files[0]?.modifiedMs ?? 0, -1)
})

// Its size and time alone do not say that it is the beginning of this file.
// The unfinished file was found by size and time, too: that of a log which had grown was neither used nor removed.
test('what is here of a file that has grown since is used, and nothing else stays', async () => {
  const content = randomBytes(1_000_000)
  const { files, path } = sourceOf(content.subarray(0, 900_000))
  const folder = temporaryFolder()
  const [planned] = planReceive(files, folder, {}).write
  writeFileSync(planned?.unfinished ?? '', content.subarray(0, 700_000))
  writeFileSync(path, content)
  const [near, far] = channels()
  const sent: number[] = []
  const grown = readSource([path], true).files
  await Promise.all([send(near, grown, sent).ended, receiveInto(far, folder).ended])
  expect(sent.reduce((sum, bytes) => sum + bytes, 0)).toBe(300_000)
  expect(readdirSync(folder)).toEqual(['file'])
  expect(readFileSync(join(folder, 'file')).equals(content)).toBe(true)
})

/** A megabyte of data between holes, one of them at the end. */
function mostlyEmpty(): Buffer {
  return Buffer.concat([Buffer.alloc(4_000_000), randomBytes(1_000_000), Buffer.alloc(7_000_000)])
}

// The holes of a disk image were filled: it took its whole length on the disk.
test('holes stay holes, also in what is resumed', async () => {
  const content = mostlyEmpty()
  const { files } = sourceOf(content)
  const folder = temporaryFolder()
  const [planned] = planReceive(files, folder, {}).write
  writeFileSync(planned?.unfinished ?? '', content.subarray(0, 1_000_000))
  const [near, far] = channels()
  send(near, files)
  expect(await receiveInto(far, folder).ended).toBe('done')
  expect(readFileSync(join(folder, 'file')).equals(content)).toBe(true)
  expect(statSync(join(folder, 'file')).blocks * 512).toBeLessThan(3_000_000)
})

test('a beginning of something else is replaced', async () => {
  const content = randomBytes(100_000)
  const { files } = sourceOf(content)
  const folder = temporaryFolder()
  const [planned] = planReceive(files, folder, {}).write
  writeFileSync(planned?.unfinished ?? '', randomBytes(60_000))
  const [near, far] = channels()
  send(near, files)
  expect(await receiveInto(far, folder).ended).toBe('done')
  expect(readFileSync(join(folder, 'file')).equals(content)).toBe(true)
})

test('a file that was changed after it was offered is not sent, and the others are', async () => {
  const folder = temporaryFolder()
  const source = join(temporaryFolder(), 'source')
  mkdirSync(source)
  for (const name of ['a', 'b', 'c']) writeFileSync(join(source, name), name)
  const { files } = readSource([source], true)
  writeFileSync(join(source, 'b'), 'changed')
  const changed: string[] = []
  const [near, far] = channels()
  send(near, files)
  const transfer = receiveInto(far, folder, { onChanged: ({ offered }) => void changed.push(offered.key) })
  expect(await transfer.ended).toBe('done')
  expect(changed).toEqual(['/source/b'])
  expect(readdirSync(join(folder, 'source'))).toEqual(['a', 'c'])
})

// The page told the sender first, and then noted what it has. If it ended in between, the files were there and could not be
// found, the sender was gone, and the code was used up.
test('the sender does not learn that everything is here before that is noted', async () => {
  const { files } = sourceOf(randomBytes(10))
  const [near, far] = channels()
  const sending = send(near, files)
  const transfer = receiveInto(far, temporaryFolder(), {
    async onComplete() {
      throw new Error('no room for the note')
    }
  })
  await expect(transfer.ended).rejects.toThrow('no room for the note')
  expect(await sending.ended).toBe('failed')
})

test('a receiver that stops while it notes what is here does not tell the sender', async () => {
  const { files } = sourceOf(randomBytes(10))
  const [near, far] = channels()
  const sending = send(near, files)
  const folder = temporaryFolder()
  const transfer: IncomingTransfer<DiskTarget> = receiveInto(far, folder, {
    async onComplete() {
      void transfer.stop()
    }
  })
  expect(await sending.ended).toBe('left')
  expect(readdirSync(folder)).toEqual(['file'])
})

test('a connection that breaks leaves what has arrived', async () => {
  const content = randomBytes(3_000_000)
  const { files } = sourceOf(content)
  const folder = temporaryFolder()
  const [near, far] = channels()
  let written = 0
  const transfer = receiveInto(far, folder, {
    onWritten(bytes) {
      written += bytes
      if (written > 1_000_000) near.destroy()
    }
  })
  const sending = send(near, files)
  expect(await transfer.ended).toBe('left')
  expect(await sending.ended).toBe('left')
  const part = readFileSync(partOf(folder))
  expect(part.length).toBe(written)
  expect(part.equals(content.subarray(0, written))).toBe(true)
})

test('a link in place of the unfinished file is not followed', async () => {
  const { files } = sourceOf(randomBytes(10))
  const folder = temporaryFolder()
  const victim = join(temporaryFolder(), 'victim')
  writeFileSync(victim, 'mine')
  const [planned] = planReceive(files, folder, {}).write
  symlinkSync(victim, planned?.unfinished ?? '')
  const [near, far] = channels()
  send(near, files)
  await expect(receiveInto(far, folder).ended).rejects.toThrow('could not be written')
  expect(readFileSync(victim, 'utf8')).toBe('mine')
})

/** A sender that offers a file of 3 bytes, and then does what the test says. */
async function hostileSender(act: (channel: Channel) => void) {
  const folder = temporaryFolder()
  const [near, far] = channels()
  near.receiver = { onMessage: (type) => void (type === MESSAGE.want && act(near)), onClose: () => {} }
  const ended = receiveInto(far, folder).ended
  await sendText(near, MESSAGE.offer, { version: 1, files: [{ key: '/file', bytes: 3, modifiedMs: 1e12 }] })
  return { ended, folder }
}

/** Begins the file and sends these messages. */
function inFile(...messages: [type: number, payload: Uint8Array][]): (channel: Channel) => void {
  return (channel) => {
    channel.send(MESSAGE.file, encodeFileStart({ index: 0, offset: 0 }))
    for (const [type, payload] of messages) channel.send(type, payload)
  }
}

const abc = new TextEncoder().encode('abc')

test.each<[string, (channel: Channel) => void, string]>([
  ['data of no file', (channel) => channel.send(MESSAGE.data, abc), 'invalid message'],
  [
    'another file',
    (channel) => channel.send(MESSAGE.file, encodeFileStart({ index: 7, offset: 0 })),
    'invalid message'
  ],
  [
    'an offset beyond what is here',
    (channel) => channel.send(MESSAGE.file, encodeFileStart({ index: 0, offset: 2 })),
    'invalid message'
  ],
  ['more than the file has', inFile([MESSAGE.data, new Uint8Array(4)]), 'invalid message'],
  ['more than was credited', inFile([MESSAGE.data, new Uint8Array(WINDOW_BYTES + 1)]), 'invalid message'],
  ['a wrong digest', inFile([MESSAGE.data, abc], [MESSAGE.whole, new Uint8Array(32)]), 'arrived damaged'],
  ['less than the file has', inFile([MESSAGE.whole, createHash('sha256').digest()]), 'arrived damaged'],
  ['a second offer', (channel) => channel.send(MESSAGE.offer), 'invalid message']
])('a sender that sends %s ends the transfer, and no file is made', async (_what, act, message) => {
  const { ended, folder } = await hostileSender(act)
  await expect(ended).rejects.toThrow(message)
  expect(existsSync(join(folder, 'file'))).toBe(false)
})

test.each([
  ['nothing', undefined],
  ['another version', { version: 2, files: [{ key: '/a', bytes: 1, modifiedMs: 1 }] }],
  ['no files', { version: 1, files: [] }],
  ['a negative size', { version: 1, files: [{ key: '/a', bytes: -1, modifiedMs: 1 }] }],
  ['a name that is not text', { version: 1, files: [{ key: 7, bytes: 1, modifiedMs: 1 }] }],
  [
    'more bytes than can be counted',
    { version: 1, files: Array(3).fill({ key: '/a', bytes: 2 ** 53 - 1, modifiedMs: 1 }) }
  ]
])('an offer with %s is refused', async (_what, offer) => {
  const [near, far] = channels()
  const ended = receiveInto(far, temporaryFolder()).ended
  await sendText(near, MESSAGE.offer, offer ?? null)
  await expect(ended).rejects.toThrow('invalid message')
})

test.each([
  ['a file that was not offered', [{ index: 1, offset: 0, sha256: '' }]],
  ['an offset beyond the end', [{ index: 0, offset: 11, sha256: 'ab' }]],
  ['a file twice', Array(2).fill({ index: 0, offset: 0, sha256: '' })],
  ['nonsense', 'everything']
])('a receiver that wants %s is left', async (_what, wanted) => {
  const { files, path } = sourceOf(randomBytes(10))
  utimesSync(path, new Date(), new Date())
  const [near, far] = channels()
  const sending = send(near, files)
  await sendText(far, MESSAGE.want, wanted)
  expect(await sending.ended).toBe('left')
})

// A full disk and files in the way looked to the sender like a receiver that had left.
test.each([
  ['noRoom', asWriteError(Object.assign(new Error('write'), { code: 'ENOSPC', syscall: 'write' }))],
  ['noRoom', new CliError('No room.', { details: { freeBytes: 1 } })],
  ['inTheWay', new CliError('Files are in the way.', { details: { refused: [] } })],
  ['failed', new Error('anything else')]
] as const)('the sender learns why the receiver cannot write: %s', async (failure, error) => {
  const { files } = sourceOf(randomBytes(10))
  const [near, far] = channels()
  const onOffer = () => Promise.reject(error)
  const received = expect(receiveInto(far, temporaryFolder(), { onOffer, failureOf }).ended).rejects.toBe(error)
  expect(await send(near, files).ended).toBe(failure)
  await received
})

test('a sender that does not read does not keep a receiver that fails', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { files } = sourceOf(randomBytes(10))
  const [near, far] = channels()
  far.flush = () => new Promise(() => {})
  const transfer = receiveInto(far, temporaryFolder(), { onOffer: () => Promise.reject(new Error('full')) })
  const failed = expect(transfer.ended).rejects.toThrow('full')
  send(near, files)
  await until('the farewell to be waited for', () => vi.getTimerCount() === 1)
  vi.runAllTimers()
  await failed
})
