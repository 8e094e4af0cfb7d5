import { once } from 'node:events'
import type { BlobWriter } from './packages.js'

/** Writes all chunks to a drive's file and waits when it is full. Rejects if either side fails. */
export async function pour(chunks: AsyncIterable<Uint8Array>, file: BlobWriter): Promise<void> {
  const closed = once(file, 'close')
  closed.catch(() => {})
  try {
    for await (const chunk of chunks) if (!file.write(chunk)) await Promise.race([once(file, 'drain'), closed])
  } catch (error) {
    file.destroy()
    throw error
  }
  file.end()
  await closed
}
