import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { type Core, type Hyperdrive, Localdrive } from './packages.js'
import { prefetch } from './prefetch.js'
import { presentBytes } from './present-bytes.js'
import { ProgressMeter } from './progress.js'
import { listRemoteFiles, type RemoteFiles } from './remote-files.js'

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
    for await (const _step of drive.mirror(target, { entries: wanted, preload: false, prune: false })) written++
  } catch (error) {
    throw asWriteError(error)
  }
  return written
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
  if (!(error instanceof Error && 'path' in error)) return error
  return new CliError(`A file could not be written: ${error.message}.`, {
    hint: 'Mend that and run it again: it goes on where it stopped.',
    exitCode: EXIT.unusable,
    cause: error
  })
}
