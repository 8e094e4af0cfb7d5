import { expect, onTestFinished } from 'vitest'
import type { AnySwarm } from '../support/network.ts'
import { Hyperdrive, type Store } from '../support/packages.ts'
import { createStore } from '../support/storage.ts'

const FILES = { '/readme.md': 'a drive', '/pictures/one.bin': 'x'.repeat(300_000), '/pictures/two.bin': 'second' }

/** A drive is written, read by a peer that knows its key, and mirrored into a drive of that peer. */
export async function shareHyperdrive(writing: AnySwarm, reading: AnySwarm): Promise<void> {
  const [store, copies] = [createStore(), createStore()]
  writing.on('connection', (connection) => store.replicate(connection))
  reading.on('connection', (connection) => copies.replicate(connection))

  const drive = openDrive(store)
  for (const [path, content] of Object.entries(FILES)) await drive.put(path, Buffer.from(content))
  await writing.join(drive.discoveryKey).flushed()

  const copy = openDrive(copies, drive.key)
  await copy.ready()
  const isSearched = copy.findingPeers()
  reading.join(copy.discoveryKey)
  void reading.flush().then(isSearched, isSearched)
  await copy.update()
  expect(String(await copy.get('/readme.md'))).toBe('a drive')

  const own = openDrive(copies.namespace('own'))
  await own.ready()
  const mirror = copy.mirror(own)
  await mirror.done()
  expect(mirror.count).toMatchObject({ files: 3, add: 3 })
  for (const [path, content] of Object.entries(FILES)) expect(String(await own.get(path))).toBe(content)

  await drive.put('/readme.md', Buffer.from('changed'))
  await expect.poll(async () => String(await copy.get('/readme.md')), { timeout: 60_000 }).toBe('changed')
}

function openDrive(store: Store, key?: Uint8Array) {
  const drive = new Hyperdrive(store, key)
  onTestFinished(() => drive.close())
  return drive
}
