import { renameSync, rmSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Digest, digestOf } from '../share/digest.js'
import type { ByteStream } from '../share/packages.js'

/** How to write a file. */
export interface WriteOptions {
  /** Its temporary name in the same folder, until it is complete. */
  readonly unfinished: string
  /** Its mode: that of the file it replaces, without the execute bits. */
  readonly before: Stats | null
  readonly signal: AbortSignal
  /** Called when the file is complete, just before it is renamed. If it throws, the file is not renamed. */
  onWhole(digest: Digest): void
}

/** Writes a file under a temporary name and renames it when it is complete. On failure nothing is left behind. */
export async function writeFile(path: string, content: ByteStream, options: WriteOptions): Promise<void> {
  const { before, onWhole, signal, unfinished } = options
  const stop = () => content.destroy(asError(signal.reason))
  signal.addEventListener('abort', stop, { once: true })
  // The signal may fire before the stream is read: its error must not end the process with the file half written.
  content.on('error', ignore)
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
  // A killed process may have left it behind. It must not exist: a link, for example, would be followed.
  rmSync(path, { force: true })
  const file = await open(path, 'wx', 0o666)
  try {
    const digest = await digestOf(content, (chunk) => writeAll(file, chunk))
    // A remote must not make a file executable here, nor readable by others if it was not.
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

function ignore(): void {}
