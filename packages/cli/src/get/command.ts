import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { parseKey } from '../share/key.js'
import { Hyperdrive } from '../share/packages.js'
import { getStorage, openStorage } from '../share/storage.js'
import { addExamples } from '../shared/examples.js'
import { Interrupted } from '../shared/interrupt.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network-options.js'
import { onNetwork } from '../shared/network-run.js'
import { positiveNumber } from '../shared/positive-number.js'
import { Status } from '../shared/status.js'
import { type FetchRequest, fetchShare } from './fetch-share.js'
import { GetView } from './get-view.js'
import { assertTarget } from './target-folder.js'

const ABOUT = `
Without a folder, the files come into a new one, here, named as the sharer's; run again, into the same one. If a folder
of that name is here and is not from this share, name one yourself.

Files that this download did not write itself, or that you have changed since, are never replaced unless you say
--overwrite: they are listed, and nothing is downloaded. What else is in the folder stays.

Names that begin with a dot, on any level, are skipped unless you say --hidden: programs obey such files. Skipped, and
said so, are also links, and names that lead elsewhere or are not possible here. Nothing is written through a link, and
nothing is made executable.

Interrupted, it goes on where it stopped when you run it again; what is there already is not fetched again. Until it is
done, the blocks are kept in your folder for data of programs (~/.local/share/swarmway/get on Linux), or in --storage:
as much space again. What stays there is a note of what was written, so that it can be updated.

Exit codes: 0 all but what was skipped is here; 2 no key; 3 network unreachable; 4 refused by the proxy server;
5 nobody who shares it was found within --timeout; 6 a file is in the way or cannot be written, or there is no room;
130 interrupted.`

interface GetOptions extends NetworkOptions {
  list?: boolean
  overwrite?: boolean
  hidden?: boolean
  storage?: string
  timeout?: number
  quiet?: boolean
}

/** `swarmway get`. */
export function getCommand(): Command {
  const command = new Command('get')
    .description('download the folder that somebody shares')
    .argument('<key>', 'what "swarmway share" printed')
    .argument('[folder]', 'where to put the files (default: a new folder, named by the sharer)')
    .option('-l, --list', 'show what there is and what would be done, and write nothing')
    .option('--overwrite', 'replace files that this download did not write, or that were changed here')
    .option('--hidden', 'get also what begins with a dot')
    .option('-s, --storage <folder>', 'keep the blocks here (default: with your data)')
    .option('-t, --timeout <seconds>', 'give up when nobody is found (default: wait)', positiveNumber)
    .option('-q, --quiet', 'no progress and no status lines on standard error')
    .action(get)
  addNetworkOptions(command).addHelpText('after', ABOUT)
  addExamples(command, [
    ['swarmway get <key> --list', 'what is it?'],
    ['swarmway get <key>', 'into a new folder'],
    ['swarmway get <key>', 'again: goes on, or gets what is new'],
    ['swarmway get <key> photos', 'into the folder photos'],
    ['swarmway get <key> --proxy wss://proxy.example', 'from where there is no UDP']
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
    isDryRun: options.list === true
  }
  if (options.list) return withTemporaryFolder((blocks) => fetchInto(blocks, key, request, options))
  const { blocks, isTransient } = request.storage
  await fetchInto(blocks, key, request, options)
  if (isTransient) rmSync(blocks, { recursive: true, force: true })
}

async function fetchInto(blocks: string, key: Uint8Array, request: FetchRequest, options: GetOptions): Promise<void> {
  const status = new Status(process.stderr, options.quiet)
  const isNew = !existsSync(blocks)
  const store = await openStorage(blocks)
  const drive = new Hyperdrive(store, key)
  let work = Promise.resolve()
  let view: GetView | undefined
  try {
    await drive.ready()
    await onNetwork(options, {}, status, ({ swarm }, signal) => {
      swarm.on('connection', (connection) => store.replicate(connection))
      swarm.join(drive.discoveryKey)
      view = new GetView(status, { isQuiet: options.quiet === true, signal })
      work = fetchShare(drive, request, view, signal)
      return work
    })
  } catch (error) {
    throw error instanceof Interrupted ? new Interrupted('The same command goes on where it stopped.') : error
  } finally {
    // Interrupted, it takes away the file that it was writing.
    await work.catch(() => {})
    await drive.close()
    // Nothing of what is shared is in it.
    if (isNew && !view?.hasBegun) rmSync(blocks, { recursive: true, force: true })
  }
}

async function withTemporaryFolder(task: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'swarmway-list-'))
  try {
    await task(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
