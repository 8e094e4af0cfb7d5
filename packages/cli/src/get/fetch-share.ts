import { dataFolder } from '../share/data-folder.js'
import type { Hyperdrive } from '../share/packages.js'
import { realPath, withinAny } from '../share/real-path.js'
import type { GetStorage } from '../share/storage.js'
import { unlessAborted } from '../shared/interrupt.js'
import { download } from './download.js'
import { type DownloadPlan, planDownload } from './download-plan.js'
import { findShare } from './find-share.js'
import type { GetView } from './get-view.js'
import { printList } from './list-view.js'
import { planJson, printJson } from './plan-json.js'
import { listRemoteFiles } from './remote-files.js'
import { defaultRefusal, defaultTarget } from './target-folder.js'
import { WrittenFiles } from './written-files.js'

/** The options of a download. */
export interface FetchRequest {
  /** The folder that was named. */
  readonly target: string | undefined
  readonly storage: GetStorage
  readonly timeoutSeconds: number | undefined
  readonly hasHidden: boolean
  readonly overwrite: boolean
  /** Whether to show only what would be done. */
  readonly isDryRun: boolean
  /** Whether to print the result as JSON. */
  readonly isJson: boolean
}

/** Finds a share, plans what to do with each of its files, and does it. Stops when `signal` fires. */
export async function fetchShare(
  drive: Hyperdrive,
  request: FetchRequest,
  view: GetView,
  signal: AbortSignal
): Promise<void> {
  await unlessAborted(view.looking(findShare(drive, request.timeoutSeconds)), signal)
  const named = request.target ?? (await unlessAborted(defaultTarget(drive), signal))
  const folder = realPath(named)
  const written = new WrittenFiles(request.storage.notes, drive.key, folder)
  const refusal = request.target === undefined ? defaultRefusal(named, written) : null
  const plan = await makePlan(drive, request, folder, written, signal)
  if (request.isDryRun) {
    if (request.isJson) printJson({ ...planJson(plan, folder), problem: refusal?.message ?? null })
    else printList(plan, folder, refusal)
    return
  }
  if (refusal !== null) throw refusal
  view.assertNoneRefused(plan, folder)
  const { fetchedBytes } = await download(
    drive,
    plan,
    { folder, written, signal, blocks: request.storage.blocks },
    view
  )
  view.done(plan, folder, fetchedBytes)
  if (request.isJson) printJson({ ...planJson(plan, folder), fetchedBytes })
}

async function makePlan(
  drive: Hyperdrive,
  { hasHidden, overwrite, storage }: FetchRequest,
  folder: string,
  written: WrittenFiles,
  signal: AbortSignal
): Promise<DownloadPlan> {
  const files = await unlessAborted(listRemoteFiles(drive, { hasHidden }), signal)
  const { core } = await drive.getBlobs()
  const isOwn = withinAny([storage.notes, storage.blocks, dataFolder()])
  return planDownload(files, { folder, written, overwrite, core, signal, isOwn })
}
