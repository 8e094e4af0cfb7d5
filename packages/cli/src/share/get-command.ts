import { resolve } from 'node:path'
import { Command } from 'commander'
import { CliError } from '../shared/cli-error.js'
import { addExamples } from '../shared/examples.js'
import { EXIT } from '../shared/exit-codes.js'
import { Interrupted } from '../shared/interrupt.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network-options.js'
import { onNetwork } from '../shared/network-run.js'
import { positiveNumber } from '../shared/positive-number.js'
import { Status } from '../shared/status.js'
import { type DownloadCount, download } from './download.js'
import { GetView } from './get-view.js'
import { parseKey } from './key.js'
import { makeFolder } from './make-folder.js'
import { Hyperdrive } from './packages.js'
import { openStorage } from './storage.js'

const ABOUT = `
Files of the same name are overwritten, what else is in the folder stays. Interrupted, it goes on where it stopped when
you run it again; what is there already is not fetched again. Nothing is ever written outside the folder: links, and
names that lead elsewhere or are not possible here, are skipped, and said so.

The blocks are kept in .swarmway in the folder, or in --storage: as much space again. Delete it when you are done.

Exit codes: 0 all but what was skipped is here; 2 no key; 3 network unreachable; 4 refused by the proxy server;
5 nobody who shares it was found within --timeout; 6 a file cannot be written; 130 interrupted.`

interface GetOptions extends NetworkOptions {
  storage?: string
  timeout?: number
  quiet?: boolean
}

/** `swarmway get`. */
export function getCommand(): Command {
  const command = new Command('get')
    .description('download the folder that somebody shares')
    .argument('<key>', 'what "swarmway share" printed')
    .argument('[folder]', 'where to put the files', '.')
    .option('-s, --storage <folder>', 'keep the blocks here (default: .swarmway in the folder)')
    .option('-t, --timeout <seconds>', 'give up when nobody is found (default: wait)', positiveNumber)
    .option('-q, --quiet', 'no progress and no status lines on standard error')
    .action(get)
  addNetworkOptions(command).addHelpText('after', ABOUT)
  addExamples(command, [
    ['swarmway get <key> photos', 'into the folder photos'],
    ['swarmway get <key> photos', 'again: goes on, or gets what is new'],
    ['swarmway get <key> --proxy wss://proxy.example', 'from where there is no UDP']
  ])
  return command
}

async function get(keyText: string, target: string, options: GetOptions): Promise<void> {
  const key = parseKey(keyText)
  const folder = resolve(target)
  const status = new Status(process.stderr, options.quiet)
  const store = await openStorage(makeTarget(folder), options.storage)
  const drive = new Hyperdrive(store, key)
  try {
    await drive.ready()
    await onNetwork(options, {}, status, async ({ swarm }, signal) => {
      swarm.on('connection', (connection) => store.replicate(connection))
      swarm.join(drive.discoveryKey)
      const view = new GetView(status, { isQuiet: options.quiet === true, signal })
      view.done(await fetchAll(drive, folder, view, options.timeout), folder)
    })
  } catch (error) {
    throw error instanceof Interrupted ? new Interrupted('The same command goes on where it stopped.') : error
  } finally {
    await drive.close()
  }
}

async function fetchAll(
  drive: Hyperdrive,
  folder: string,
  view: GetView,
  timeoutSeconds: number | undefined
): Promise<DownloadCount> {
  view.looking()
  await withTimeout(found(drive), timeoutSeconds)
  return download(drive, folder, view)
}

/** Resolves when what is shared is known. Those who look for it as well are connected, too, and know no more. */
async function found(drive: Hyperdrive): Promise<void> {
  await somebody(drive)
  await drive.update({ wait: true })
  await drive.getBlobs()
}

/** Resolves when somebody who knows of the drive is connected. */
function somebody(drive: Hyperdrive): Promise<void> {
  if (drive.core.peers.length > 0) return Promise.resolve()
  return new Promise((resolve) => drive.core.on('peer-add', resolve))
}

async function withTimeout(work: Promise<void>, seconds: number | undefined): Promise<void> {
  if (seconds === undefined) return work
  const failure = new CliError(`Nobody who shares this was found within ${seconds} s.`, {
    hint: 'Is the key right, and is "swarmway share" still running on the other side?',
    exitCode: EXIT.notFound
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(failure), seconds * 1000)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function makeTarget(folder: string): string {
  try {
    makeFolder(folder)
  } catch (error) {
    const hint = 'Name another folder.'
    throw new CliError(`${folder} cannot be made.`, { hint, exitCode: EXIT.unusable, cause: error })
  }
  return folder
}
