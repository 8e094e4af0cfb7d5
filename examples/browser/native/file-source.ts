import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { FileSource } from '../room/shared-file.ts'

/** A file on this computer, to be shared. It stays open until `close`. */
export async function openFileSource(path: string): Promise<FileSource & { close(): Promise<void> }> {
  const file = await open(path)
  const { size } = await file.stat()
  return {
    name: basename(path),
    mediaType: '',
    sizeBytes: size,
    read: async (start, end) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
      return buffer.subarray(0, bytesRead)
    },
    close: () => file.close()
  }
}
