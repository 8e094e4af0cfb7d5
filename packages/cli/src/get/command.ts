import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { SwarmCore } from '@swarmway/swarm'
import { Command } from 'commander'
import { createHyperdrive } from '../share/packages.js'
import { asStorageError, getStorage, openStorage } from '../share/storage.js'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { withStopHint } from '../shared/command/interrupt.js'
import { folderPath, positiveNumber } from '../shared/command/option-values.js'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { failureText, remedyOf } from '../shared/errors/write-error.js'
import { assertTarget } from '../shared/files/stat-of.js'
import { parseKey } from '../shared/names/keys.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { Status } from '../shared/terminal/status.js'
import { type FetchRequest, fetchShare } from './fetch-share.js'
import { GetView } from './get-view.js'

const ABOUT = `
Without [folder], the files go into a new folder here, named by the sharer; later runs use the same one. If a folder of
that name exists and is not from this share, pass a folder yourself.

Files that this download did not write, or that you have changed since, are never replaced without --overwrite: they
are listed, and nothing is downloaded. Other files in the folder are left alone.

Names that begin with a dot, on any level, are skipped without --hidden, because programs obey such files. Links, and
names that lead elsewhere or are not possible here, are skipped with a message. Nothing is written through a link, and
nothing is made executable.

If interrupted, run it again: it resumes where it stopped and does not fetch again what is already here. The file that
was not finished is kept beside its place as .swarmway-*.part until then. Nothing is stored twice; your data folder
(~/.local/share/swarmway/get on Linux) or --storage has the hashes (about 0.5 % of the size, at least 7 MB) until it is
done, and then a record of the written files, so that a later run can update them.

Exit codes: 0 done, except for skipped files; 2 invalid key; 3 network unreachable; 4 refused by the proxy server;
5 nobody who shares it was found within --timeout; 6 a file is in the way or cannot be written, or the disk is full;
130 stopped by Ctrl-C.`

interface GetOptions extends NetworkOptions {
  list?: boolean
  overwrite?: boolean
  hidden?: boolean
  storage?: string
  timeout?: number
  json?: boolean
  quiet?: boolean
}

/** `swarmway get`. */
export function getCommand(): Command {
  const command = new Command('get')
    .description('download a shared folder')
    .argument('<key>', 'what "swarmway share" printed')
    .argument('[folder]', 'where to write the files (default: a new folder, named by the sharer)', folderPath)
    .option('-l, --list', 'list the files and what would be done; write nothing')
    .option('--overwrite', 'replace files that this download did not write, or that you have changed')
    .option('--hidden', 'also get names that begin with a dot')
    .option('-s, --storage <folder>', 'keep the hashes here (default: your data folder)', folderPath)
    .option('-t, --timeout <seconds>', 'give up if nobody is found (default: wait)', positiveNumber)
    .option('--json', 'print one JSON object, also with --list')
    .option('-q, --quiet', 'no progress and no status lines on standard error')
    .action(get)
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway get <key> --list', 'list the files'],
    ['swarmway get <key>', 'download into a new folder'],
    ['swarmway get <key>', 'run again: resume, or get what is new'],
    ['swarmway get <key> photos', 'download into the folder photos'],
    ['swarmway get <key> --proxy wss://proxy.example', 'from a network without UDP']
  ])
  return command
}

async function get(keyText: string, target: string | undefined, options: GetOptions): Promise<void> {
  const key = parseKey(keyText)
  const folder = target === undefined ? undefined : resolve(target)
  if (folder !== undefined) assertTarget(folder)
  const request: FetchRequest = {
    target: folder,
    storage: getStorage(key, folder, options.storage),
    timeoutSeconds: options.timeout,
    hasHidden: options.hidden === true,
    overwrite: options.overwrite === true,
    isDryRun: options.list === true,
    isJson: options.json === true
  }
  if (options.list) return withTemporaryFolder((blocks) => fetchInto(blocks, key, request, options))
  const { blocks, isTransient } = request.storage
  await fetchInto(blocks, key, request, options)
  if (isTransient) rmSync(blocks, { recursive: true, force: true })
}

async function fetchInto(blocks: string, key: Uint8Array, request: FetchRequest, options: GetOptions): Promise<void> {
  const isQuiet = options.quiet === true || options.json === true
  const status = new Status(process.stderr, isQuiet)
  const isNew = !existsSync(blocks)
  const broken = new AbortController()
  const store = await openStorage(blocks, broken)
  const drive = createHyperdrive(store, key)
  let work = Promise.resolve()
  let view: GetView | undefined
  try {
    await drive.ready()
    const running = onNetwork(options, {}, status, ({ swarm }, interrupted) => {
      const signal = AbortSignal.any([interrupted, broken.signal])
      swarm.on('connection', (connection) => store.replicate(connection))
      swarm.join(drive.discoveryKey)
      view = new GetView(status, { isQuiet, signal })
      watchSharers(swarm, view)
      work = fetchShare(drive, request, view, signal)
      return work
    })
    await withStopHint(running, () => (view?.hasBegun ? RESUME : 'Nothing was written.'))
  } catch (error) {
    throw asStorageError(error, broken)
  } finally {
    // When interrupted, it removes the file that it was writing.
    await work.catch(() => {})
    await drive.close()
    // It holds nothing of the share.
    if (isNew && !view?.hasBegun) rmSync(blocks, { recursive: true, force: true })
  }
}

/** A bar that stands still does not say why. */
function watchSharers(swarm: SwarmCore, view: GetView): void {
  swarm.on('connection', (connection) => {
    view.onConnected()
    connection.once('close', () => {
      if (!swarm.destroyed && swarm.connections.size === 0) view.onAlone()
    })
  })
}

const RESUME = 'What has arrived is kept: run the same command again to resume.'

async function withTemporaryFolder(task: (folder: string) => Promise<void>): Promise<void> {
  const folder = makeTemporaryFolder()
  try {
    await task(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function makeTemporaryFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'swarmway-list-'))
  } catch (cause) {
    throw new CliError(`No temporary folder can be made in ${tmpdir()}: ${failureText(cause)}.`, {
      hint: `${remedyOf(cause) ?? 'Fix the problem'}, or set TMPDIR to another folder.`,
      exitCode: EXIT.unusable,
      cause
    })
  }
}
