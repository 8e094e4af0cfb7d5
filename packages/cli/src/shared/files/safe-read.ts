import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'

/** Opening must not block on a FIFO that replaced a file. Windows has neither flag; they are undefined there. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * Opens a file by its real path for a task. Throws if its path now contains a link, as that could lead to something
 * that was not meant to be shared.
 */
export async function withFile<T>(path: string, task: (file: FileHandle) => Promise<T>): Promise<T> {
  const { file } = await openReal(path)
  try {
    return await task(file)
  } finally {
    await file.close()
  }
}

/** Opens a file by its real path, for reading; also returns its size. Throws as {@link withFile}. */
export async function openReal(path: string): Promise<{ file: FileHandle; bytes: number }> {
  const file = await open(path, FLAGS)
  try {
    return { file, bytes: await realSize(path, file) }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function realSize(path: string, file: FileHandle): Promise<number> {
  const stats = await file.stat()
  if (stats.isFile() && (await realpath(path)) === path) return stats.size
  throw Object.assign(new Error(`it was replaced while it was read, open '${path}'`), { syscall: 'open', path })
}
