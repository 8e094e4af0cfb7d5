import { dirname, join } from 'node:path'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { makeFolder } from './make-folder.js'
import { type Core, type Hyperdrive, Localdrive } from './packages.js'
import { prefetch } from './prefetch.js'
import { presentBytes } from './present-bytes.js'
import { ProgressMeter } from './progress.js'
import { listRemoteFiles, type RemoteFiles } from './remote-files.js'
import { refusalOf } from './safe-path.js'

/** What a download tells. */
export interface DownloadListener {
  /** The files are known, and what of them is here already. The returned function is called at the end. */
  onBegin(files: RemoteFiles, meter: ProgressMeter, presentBytes: number): () => void
}

/** What a download did. */
export interface DownloadCount {
  readonly files: number
  readonly written: number
  readonly fetchedBytes: number
  readonly skipped: RemoteFiles['skipped']
}

/**
 * Brings `folder` to what the drive has. What else is in the folder stays. Blocks that the drive's storage holds are
 * not fetched again, and files that are equal not written again.
 */
export async function download(drive: Hyperdrive, folder: string, listener: DownloadListener): Promise<DownloadCount> {
  const files = await listRemoteFiles(drive, folder)
  const { core } = await drive.getBlobs()
  const present = await presentBytes(core, files.wanted)
  const meter = new ProgressMeter(files.totalBytes, present)
  const counter = countFetched(core, meter)
  const end = listener.onBegin(files, meter, present)
  const stop = prefetch(core, files.wanted)
  try {
    const written = await mirror(drive, folder, files)
    return { files: files.wanted.length, written, fetchedBytes: counter.bytes, skipped: files.skipped }
  } finally {
    stop()
    counter.stop()
    end()
  }
}

async function mirror(drive: Hyperdrive, folder: string, { wanted }: RemoteFiles): Promise<number> {
  let written = 0
  try {
    const target = new Localdrive(folder, { atomic: true })
    for await (const { key } of drive.mirror(target, { entries: wanted, preload: false, prune: false })) {
      prepare(folder, key)
      written++
    }
  } catch (error) {
    throw asWriteError(error)
  }
  return written
}

/** Looks at a path once more: it is written next, and since all were looked through hours may have gone by. */
function prepare(folder: string, key: string): void {
  const reason = refusalOf(folder, key)
  if (reason !== null) {
    const hint = 'Something has changed the folder meanwhile. Run it again.'
    throw new CliError(`${key} could not be written: ${reason}.`, { hint, exitCode: EXIT.unusable })
  }
  makeFolder(dirname(join(folder, key)))
}

function countFetched(core: Core, meter: ProgressMeter): { bytes: number; stop(): void } {
  const onDownload = (_index: number, byteLength: number) => {
    counter.bytes += byteLength
    meter.add(byteLength)
  }
  const counter = { bytes: 0, stop: () => void core.off('download', onDownload) }
  core.on('download', onDownload)
  return counter
}

/** What the file system says about a path is told as it is; everything else is unexpected. */
function asWriteError(error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error
  return new CliError(`A file could not be written: ${error.message}.`, {
    hint: 'Mend that and run it again: it goes on where it stopped.',
    exitCode: EXIT.unusable,
    cause: error
  })
}
