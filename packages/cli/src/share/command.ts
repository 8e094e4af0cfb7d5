import { resolve } from 'node:path'
import { Command } from 'commander'
import { addAbout } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { aborted, interruptible, untilInterrupted, withStopHint } from '../shared/command/interrupt.js'
import { jsonLine } from '../shared/command/json.js'
import { folderPath } from '../shared/command/option-values.js'
import { CliError } from '../shared/errors/cli-error.js'
import { ownFolders } from '../shared/files/data-folder.js'
import { leftOutLines } from '../shared/files/file-texts.js'
import { type FolderContent, walkFolder } from '../shared/files/folder-walk.js'
import { assertRoom } from '../shared/files/free-space.js'
import { DEFAULT_RULES, IgnoreRules } from '../shared/files/ignore-rules.js'
import { realPath, withinAny } from '../shared/files/real-path.js'
import { onNetwork } from '../shared/network/on-network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network/options.js'
import { sayTokenNeeded, typedCommand } from '../shared/network/typed-command.js'
import type { Network } from '../shared/network/types.js'
import { sayWhenAnnounced } from '../shared/network/waiting.js'
import { formatBytes } from '../shared/terminal/format.js'
import { Status } from '../shared/terminal/status.js'
import { FolderImport } from './folder-import.js'
import { followFolder } from './folder-watch.js'
import { type Corestore, createHyperdrive, type Hyperdrive } from './packages.js'
import { BLOCK_BYTES, SharedBlocks } from './shared-blocks.js'
import { asReadError, assertFolder, assertNotEmpty } from './shared-folder.js'
import { asStorageError, assertApart, openStorage, shareStorage } from './storage.js'

const ABOUT = `
Prints the key on standard output and serves the files until Ctrl-C. Only those who have the key can get the files and
learn the folder's name. Later changes are published with --watch, or when you run the command again.

Without --no-ignore, these are left out:
  ${DEFAULT_RULES.join(' ')}
and what a .swarmwayignore file lists, in gitignore's syntax, ignoring case. The one at the top of the folder can bring
back names from the list above ("!.env"); files further down only add rules for their own folder. Links and swarmway's
own files are always left out.

The files are served from where they are: nothing is copied. A file that changes is not served until it is published
again. The secret key and the hashes of the files (about 0.5 % of their size, at least 7 MB) are kept in your data
folder (~/.local/share/swarmway/share on Linux) or in --storage, so that the same path keeps its key. If you delete
them, the next run creates a new key.

Exit codes: 0 stopped by Ctrl-C while it served all files; 3 network unreachable; 4 refused by the proxy server; 6 the
folder cannot be used; 130 stopped by Ctrl-C before that.`

interface ShareOptions extends NetworkOptions {
  storage?: string
  ignore: boolean
  watch?: boolean
  json?: boolean
  quiet?: boolean
}

/** `swarmway share`. */
export function shareCommand(): Command {
  const command = new Command('share')
    .description('share a folder with anyone who has its key')
    .argument('<folder>', 'the folder to share', folderPath)
    .option('--no-ignore', 'also share what the rules below leave out: secrets, .git, node_modules')
    .option('-w, --watch', 'publish changes in the folder while it is shared')
    .option('--json', 'print the key as JSON')
    .option('-s, --storage <folder>', 'keep the key and the hashes here (default: your data folder)', folderPath)
    .option('-q, --quiet', 'print only the key, no status lines on standard error')
    .action((folder: string, options: ShareOptions) => {
      const progress = { isServing: false }
      const sharing = interruptible(({ signal }) => share(resolve(folder), options, signal, progress))
      const work = withStopHint(sharing, () => 'The folder was not read completely: run the same command again.')
      return untilInterrupted(work, () => progress.isServing)
    })
  addAbout(addNetworkOptions(command), ABOUT)
  addExamples(command, [
    ['swarmway share photos', 'share a folder; shows the key'],
    ['swarmway share photos --watch', 'and what is changed while it is shared'],
    ['swarmway get <key>', 'download it on the other side'],
    ['swarmway share photos --proxy wss://proxy.example', 'from a network without UDP']
  ])
  return command
}

/** How far a share has come. */
interface Progress {
  /** Whether all files are published: nothing is unfinished if it is stopped. */
  isServing: boolean
}

async function share(path: string, options: ShareOptions, stopped: AbortSignal, progress: Progress): Promise<void> {
  const isQuiet = options.quiet === true || options.json === true
  const status = new Status(process.stderr, isQuiet)
  assertFolder(path)
  if (options.storage !== undefined) assertApart(path, options.storage)
  const folder = realPath(path)
  const storage = shareStorage(folder, options.storage)
  const read = () => readFolder(folder, storage, options.ignore)
  const content = read()
  assertNotEmpty(content)
  for (const line of leftOutLines(content.leftOut, folder)) status.say(line)
  const broken = new AbortController()
  const store = await openStorage(storage, broken)
  const drive = createHyperdrive(store)
  let work: Promise<unknown> = Promise.resolve()
  try {
    await drive.ready()
    await sayCost(content, storage, status)
    // At once: to be found takes longer, and those who get the key early wait.
    process.stdout.write(options.json ? jsonLine({ key: drive.id }) : `${drive.id}\n`)
    const blocks = await SharedBlocks.open(drive, folder)
    stopped.throwIfAborted()
    await onNetwork(options, {}, status, (network, interrupted) => {
      const signal = AbortSignal.any([interrupted, broken.signal])
      const importing = new FolderImport(folder, drive, blocks, status, { isQuiet, signal })
      const shared = { store, drive, importing, content, read, folder, signal, status, progress }
      work = serve(network, shared, options).finally(() => importing.settled())
      return work
    })
  } catch (error) {
    throw asStorageError(error, broken)
  } finally {
    await work.catch(() => {})
    await drive.close()
  }
}

/** The database with its journal, and what it holds for each file and each block: names, hashes, positions. */
const COST = { baseBytes: 8_000_000, perFileBytes: 1000, perBlockBytes: 400 }

/** Says what is kept, before anything is. Throws a `CliError` if there is no room for it. */
async function sayCost({ files }: FolderContent, storage: string, status: Status): Promise<void> {
  const blocks = files.reduce((sum, file) => sum + Math.ceil(file.bytes / BLOCK_BYTES), 0)
  const bytes = COST.baseBytes + COST.perFileBytes * files.length + COST.perBlockBytes * blocks
  await assertRoom([{ path: storage, bytes }], { hint: 'Use --storage <folder> on another disk.' })
  status.say(
    `The files are served from where they are; the key and the hashes take up to ${formatBytes(bytes)} in ${storage}.`
  )
}

function readFolder(folder: string, storage: string, hasRules: boolean): FolderContent {
  const isOwn = withinAny(ownFolders(storage))
  try {
    return walkFolder(folder, hasRules ? IgnoreRules.of(folder) : null, isOwn)
  } catch (error) {
    throw asReadError(error)
  }
}

interface Shared {
  readonly store: Corestore
  readonly drive: Hyperdrive
  readonly importing: FolderImport
  readonly content: FolderContent
  readonly read: () => FolderContent
  readonly folder: string
  readonly signal: AbortSignal
  readonly status: Status
  readonly progress: Progress
}

/** Peers that come before everything is read wait for it. */
async function serve(network: Network, shared: Shared, options: ShareOptions): Promise<never> {
  const { content, drive, folder, importing, signal, status, store } = shared
  const { swarm } = network
  const ready = importing.run(content)
  ready.catch(() => {})
  swarm.on('connection', (connection) => {
    status.say('A peer connected.')
    const replicate = () => connection.destroyed || store.replicate(connection)
    ready.then(replicate).catch(() => connection.destroy())
  })
  const session = swarm.join(drive.discoveryKey)
  sayWhenAnnounced(network, () => session.flushed(), status)
  await ready
  shared.progress.isServing = true
  const following = options.watch
    ? 'Changes are published as they are made.'
    : 'Later changes are not published; --watch does that.'
  status.say(`Get it with: ${typedCommand(['get', drive.id], options)}\n${following} Ctrl-C stops sharing.`)
  sayTokenNeeded(options, status)
  return options.watch ? followFolder(folder, signal, () => publishChange(shared)) : aborted(signal)
}

/** What cannot be published now, such as a folder that is just being built, can be after the next change. */
async function publishChange({ folder, importing, read, signal, status }: Shared): Promise<void> {
  try {
    await importing.run(read())
  } catch (error) {
    if (signal.aborted || !(error instanceof CliError)) throw error
    assertFolder(folder)
    status.tell(`${error.message} Waiting for the next change.`)
  }
}
