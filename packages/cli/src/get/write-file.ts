import { renameSync, rmSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Digest, digestOf } from '../share/digest.js'
import type { ByteStream } from '../share/packages.js'

/** How a file is written. */
export interface WriteOptions {
  /** The name it has until it is whole, in the same folder. */
  readonly unfinished: string
  /** Its mode: that of the file it replaces, but for executing. */
  readonly before: Stats | null
  readonly signal: AbortSignal
  /** Called when it is whole, just before it gets its name. What it throws keeps it from that. */
  onWhole(digest: Digest): void
}

/** Writes a file, which has its name only when it is whole. However that ends, nothing else is left. */
export async function writeFile(path: string, content: ByteStream, options: WriteOptions): Promise<void> {
  const { before, onWhole, signal, unfinished } = options
  const stop = () => content.destroy(asError(signal.reason))
  signal.addEventListener('abort', stop, { once: true })
  try {
    signal.throwIfAborted()
    const digest = await writeTo(unfinished, content, before)
    signal.throwIfAborted()
    onWhole(digest)
    renameSync(unfinished, path)
  } finally {
    signal.removeEventListener('abort', stop)
    content.destroy()
    rmSync(unfinished, { force: true })
  }
}

async function writeTo(path: string, content: ByteStream, before: Stats | null): Promise<Digest> {
  // What a killed process left behind. Then it must not be there: a link, for one, would be followed.
  rmSync(path, { force: true })
  const file = await open(path, 'wx', 0o666)
  try {
    const digest = await digestOf(content, (chunk) => writeAll(file, chunk))
    // Nobody makes a file here executable from elsewhere, nor readable for others when it was not.
    if (before !== null) await file.chmod(before.mode & 0o666)
    return digest
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) done += (await file.write(chunk, done)).bytesWritten
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
