import { join } from 'node:path'
import type { Hyperdrive } from '../share/packages.js'
import type { GetStorage } from '../share/storage.js'
import { unlessAborted } from '../shared/command/interrupt.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { ownFolders } from '../shared/files/data-folder.js'
import { assertWritable } from '../shared/files/permissions.js'
import { realPath, withinAny } from '../shared/files/real-path.js'
import { type DownloadTarget, download } from './download.js'
import { type DownloadPlan, type PlannedFile, planDownload } from './download-plan.js'
import { findShare } from './find-share.js'
import type { GetView } from './get-view.js'
import { printList } from './list-view.js'
import { planJson, printJson } from './plan-json.js'
import { bytesOf, listRemoteFiles, type RemoteFiles } from './remote-files.js'
import type { ShareChanged } from './share-watch.js'
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

/** How often a plan is made again because the sharer changes files while they are fetched. */
const MAX_PLANS = 100
/** Of the list of files, its latest blocks: earlier ones were replaced by later ones. */
const MAX_LIST_BLOCKS = 65_536

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
  if (request.isDryRun) {
    const { plan } = await makePlan(drive, request, folder, written, signal)
    if (request.isJson) printJson({ ...planJson(plan, folder), problem: refusal?.message ?? null })
    else printList(plan, folder, refusal)
    return
  }
  if (refusal !== null) throw refusal
  await fetchInto(drive, request, { folder, written, signal, blocks: request.storage.blocks }, view)
}

/** Downloads what the share has now, or has by the end if the sharer changes it meanwhile. */
async function fetchInto(
  drive: Hyperdrive,
  request: FetchRequest,
  target: Omit<DownloadTarget, 'version'>,
  view: GetView
): Promise<void> {
  const { folder, signal, written } = target
  const earlier = new Map<string, PlannedFile>()
  let fetchedBytes = 0
  for (let plans = 1; ; plans++) {
    const { plan, version } = await makePlan(drive, request, folder, written, signal)
    view.assertNoneRefused(plan, folder)
    assertWritable(
      plan.write.map(({ entry }) => join(folder, entry.key)),
      'or use another folder.'
    )
    const downloaded = await download(drive, plan, { ...target, version }, view)
    fetchedBytes += downloaded.fetchedBytes
    if (downloaded.changed === null) {
      const done = withEarlier(plan, earlier, written)
      view.done(done, folder, fetchedBytes)
      if (request.isJson) printJson({ ...planJson(done, folder), fetchedBytes })
      return
    }
    if (plans === MAX_PLANS) throw changesTooOften(downloaded.changed)
    view.changed()
    for (const file of plan.write) earlier.set(file.entry.key, file)
  }
}

/** A plan, with what was written by earlier ones of this run, and what they could not write before it was withdrawn. */
function withEarlier(
  plan: DownloadPlan,
  earlier: ReadonlyMap<string, PlannedFile>,
  record: WrittenFiles
): DownloadPlan {
  const written = plan.kept.flatMap(({ key }) => earlier.get(key) ?? [])
  const known = new Set([...plan.kept, ...plan.write.map(({ entry }) => entry), ...plan.skipped].map(({ key }) => key))
  const gone = [...earlier.values()].filter(({ entry: { key } }) => !known.has(key) && !record.wasAdded(key))
  const withdrawn = gone.map(({ entry }) => ({ key: entry.key, reason: WITHDRAWN, bytes: bytesOf(entry) }))
  return {
    ...plan,
    write: [...written, ...plan.write],
    kept: plan.kept.filter(({ key }) => !earlier.has(key)),
    skipped: [...plan.skipped, ...withdrawn]
  }
}

const WITHDRAWN = 'the sharer changed or removed it before it was fetched'

function changesTooOften(cause: ShareChanged): CliError {
  const hint = 'Run the command again when fewer files change; it resumes where it stopped.'
  return new CliError('The share changes faster than it can be fetched.', { hint, exitCode: EXIT.unusable, cause })
}

async function makePlan(
  drive: Hyperdrive,
  { hasHidden, overwrite, storage }: FetchRequest,
  folder: string,
  written: WrittenFiles,
  signal: AbortSignal
): Promise<{ plan: DownloadPlan; version: number }> {
  const { version } = drive
  const files = await unlessAborted(listAhead(drive, hasHidden), signal)
  const { core } = await drive.getBlobs()
  const isOwn = withinAny(ownFolders(storage.notes, storage.blocks))
  const plan = await planDownload(files, { folder, written, overwrite, core, signal, isOwn })
  return { plan, version }
}

/** Lists the files while the whole list is on its way: it asks for a few blocks at a time, and waits for each of them. */
async function listAhead(drive: Hyperdrive, hasHidden: boolean): Promise<RemoteFiles> {
  const ahead = drive.core.download({
    start: Math.max(0, drive.core.length - MAX_LIST_BLOCKS),
    end: drive.core.length,
    linear: true
  })
  try {
    return await listRemoteFiles(drive, { hasHidden })
  } finally {
    ahead.destroy()
  }
}
