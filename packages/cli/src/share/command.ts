import { basename, resolve } from 'node:path'
import { Command } from 'commander'
import { addExamples } from '../shared/examples.js'
import { aborted, untilInterrupted } from '../shared/interrupt.js'
import type { Network } from '../shared/network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network-options.js'
import { onNetwork } from '../shared/network-run.js'
import { Status } from '../shared/status.js'
import { dataFolder } from './data-folder.js'
import { type FolderContent, walkFolder } from './folder-walk.js'
import { DEFAULT_RULES, IgnoreRules } from './ignore-rules.js'
import { type Corestore, createHyperdrive, type Hyperdrive } from './packages.js'
import { realPath, withinAny } from './real-path.js'
import { publishName } from './share-name.js'
import { countLine, leftOutLines } from './share-view.js'
import { asReadError, assertFolder, importFolder } from './shared-folder.js'
import { assertApart, openStorage, shareStorage } from './storage.js'

const ABOUT = `
Prints the key on standard output and serves the files until Ctrl-C. Only those who have the key can get the files and
learn the folder's name. To publish later changes, run the command again.

Without --no-ignore, these are left out:
  ${wrap(DEFAULT_RULES)}
and what a .swarmwayignore file lists, in gitignore's syntax, ignoring case. The one at the top of the folder can bring
back names from the list above ("!.env"); files further down only add rules for their own folder. Links and swarmway's
own files are always left out.

The secret key and a copy of the files are kept in your data folder (~/.local/share/swarmway/share on Linux) or in
--storage, so that the same path keeps its key. If you delete them, the next run creates a new key.

Exit codes: 0 stopped by Ctrl-C; 3 network unreachable; 4 refused by the proxy server; 6 the folder cannot be used.`

interface ShareOptions extends NetworkOptions {
  storage?: string
  ignore: boolean
  quiet?: boolean
}

/** `swarmway share`. */
export function shareCommand(): Command {
  const command = new Command('share')
    .description('share a folder with anyone who has its key')
    .argument('<folder>', 'the folder to share')
    .option('--no-ignore', 'also share what the rules below leave out: secrets, .git, node_modules')
    .option('-s, --storage <folder>', 'keep the key and the copy here (default: your data folder)')
    .option('-q, --quiet', 'print only the key, no status lines on standard error')
    .action((folder: string, options: ShareOptions) => untilInterrupted(share(resolve(folder), options)))
  addNetworkOptions(command).addHelpText('after', ABOUT)
  addExamples(command, [
    ['swarmway share photos', 'share a folder; shows the key'],
    ['swarmway get <key>', 'download it on the other side'],
    ['swarmway share photos --proxy wss://proxy.example', 'from a network without UDP']
  ])
  return command
}

async function share(path: string, options: ShareOptions): Promise<void> {
  const status = new Status(process.stderr, options.quiet)
  assertFolder(path)
  if (options.storage !== undefined) assertApart(path, options.storage)
  const folder = realPath(path)
  const storage = shareStorage(folder, options.storage)
  const content = readFolder(folder, storage, options.ignore)
  for (const line of leftOutLines(content.leftOut, folder)) status.say(line)
  const store = await openStorage(storage)
  const drive = createHyperdrive(store)
  try {
    await drive.ready()
    status.say(`Reading ${folder}.`)
    status.say(countLine(await importFolder(folder, content, drive)))
    status.say(`The key is kept in ${storage}.`)
    await publishName(drive, basename(folder))
    await onNetwork(options, {}, status, (network, signal) => serve(network, signal, store, drive, status))
  } finally {
    await drive.close()
  }
}

function readFolder(folder: string, storage: string, hasRules: boolean): FolderContent {
  const isOwn = withinAny([storage, dataFolder()])
  try {
    return walkFolder(folder, hasRules ? IgnoreRules.of(folder) : null, isOwn)
  } catch (error) {
    throw asReadError(error)
  }
}

async function serve({ swarm }: Network, signal: AbortSignal, store: Corestore, drive: Hyperdrive, status: Status) {
  swarm.on('connection', (connection) => {
    store.replicate(connection)
    status.say('A peer connected.')
  })
  // The key is shown once it works.
  await swarm.join(drive.discoveryKey).flushed()
  process.stdout.write(`${drive.id}\n`)
  status.say(`Get it with: swarmway get ${drive.id}\nCtrl-C stops sharing.`)
  return aborted(signal)
}

/** The list, split into two lines. */
function wrap(names: readonly string[]): string {
  const half = Math.ceil(names.length / 2)
  return `${names.slice(0, half).join('  ')}\n  ${names.slice(half).join('  ')}`
}
