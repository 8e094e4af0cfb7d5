import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'

/** A FIFO that takes a file's place must not keep us waiting. Windows has neither, and then they are undefined. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * The content of a file, by its real path. Throws if a link is on the way to it by now: then something else would be
 * read, which nobody asked to share.
 */
export async function* readReal(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path, FLAGS)
  try {
    await assertReal(path, file)
    yield* file.createReadStream({ autoClose: false })
  } finally {
    await file.close()
  }
}

async function assertReal(path: string, file: FileHandle): Promise<void> {
  const isFile = (await file.stat()).isFile()
  if (isFile && (await realpath(path)) === path) return
  throw Object.assign(new Error(`it was replaced meanwhile, open '${path}'`), { syscall: 'open', path })
}
