import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { DiskTarget } from '../../src/receive/disk-target.js'
import { planReceive } from '../../src/receive/plan.js'
import { FileReceiver } from '../../src/receive/receiver.js'
import type { OfferedFile } from '../../src/send/offer.js'
import { Sender } from '../../src/send/sender.js'
import { readSource } from '../../src/send/source-files.js'
import { connectionPair } from '../support/connections.js'
import { temporaryFolder } from '../support/net.js'

const SENDER_KEY = new Uint8Array(32).fill(1)

function senderOf(isKept: boolean) {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(path, randomBytes(1000))
  const ends: string[] = []
  const { files } = readSource([path], true)
  const listener = { onBegin: () => {}, onSent: () => {}, onChanged: () => {}, onEnd: (end: string) => ends.push(end) }
  const sender = new Sender(files, isKept, { onReceiver: () => listener })
  return { sender, ends }
}

/** A receiver that is connected to the sender, and asks `accept` whether it wants the files. */
function connect(sender: Sender, accept: () => Promise<boolean>) {
  const folder = temporaryFolder()
  const seen = { busy: 0, offers: 0, lost: 0 }
  const receiver = new FileReceiver<DiskTarget>({
    async onOffer(offer: readonly OfferedFile[]) {
      seen.offers++
      if (!(await accept())) return null
      return planReceive(offer, folder, {}).write.map((one) => new DiskTarget(one, folder))
    },
    onBusy: () => void seen.busy++,
    onBegin: () => {},
    onWritten: () => {},
    onFile: () => {},
    onChanged: () => {},
    onLost: () => void seen.lost++
  })
  const [near, far] = connectionPair(SENDER_KEY, new Uint8Array(randomBytes(32)))
  sender.add(near)
  receiver.add(far)
  return { receiver, seen, near, hasFile: () => existsSync(join(folder, 'file')) }
}

const yes = async () => true
const no = async () => false

// A code that still worked after its use would let anyone who reads it later have the files as well.
test('a code is used up by the first receiver that has everything', async () => {
  const { sender } = senderOf(false)
  let decide: (isWanted: boolean) => void = () => {}
  const first = connect(sender, () => new Promise((resolve) => (decide = resolve)))
  const second = connect(sender, yes)
  await until('the second to wait', () => second.seen.busy === 1 && first.seen.offers === 1)
  const refused = expect(second.receiver.done).rejects.toThrow('This code is used up')
  decide(true)
  expect(await first.receiver.done).toBe(true)
  await refused
  await sender.done
  const late = connect(sender, yes)
  await expect(late.receiver.done).rejects.toThrow('This code is used up')
  expect([first, second, late].map(({ hasFile }) => hasFile())).toEqual([true, false, false])
  expect([second.seen.offers, late.seen.offers]).toEqual([0, 0])
})

test('if a receiver declines or leaves, the next that waits has its turn', async () => {
  const { ends, sender } = senderOf(false)
  const declining = connect(sender, no)
  const leaving = connect(sender, () => new Promise(() => {}))
  const last = connect(sender, yes)
  expect(await declining.receiver.done).toBe(false)
  await until('the second to have its turn', () => leaving.seen.offers === 1)
  leaving.near.destroy()
  expect(await last.receiver.done).toBe(true)
  await sender.done
  expect(ends).toEqual(['declined', 'left', 'done'])
  expect(leaving.seen.lost).toBe(1)
})

test('with isKept, all who come are served at once', async () => {
  const { ends, sender } = senderOf(true)
  const receivers = [connect(sender, yes), connect(sender, yes), connect(sender, no)]
  expect(await Promise.all(receivers.map(({ receiver }) => receiver.done))).toEqual([true, true, false])
  expect(receivers.map(({ seen }) => seen.busy)).toEqual([0, 0, 0])
  await until('all to have ended', () => ends.length === 3)
})
