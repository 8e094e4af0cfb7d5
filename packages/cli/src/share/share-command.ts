import { resolve } from 'node:path'
import { Command } from 'commander'
import { addExamples } from '../shared/examples.js'
import { formatBytes } from '../shared/format.js'
import { aborted, untilInterrupted } from '../shared/interrupt.js'
import type { Network } from '../shared/network.js'
import { addNetworkOptions, type NetworkOptions } from '../shared/network-options.js'
import { onNetwork } from '../shared/network-run.js'
import { Status } from '../shared/status.js'
import { type Corestore, Hyperdrive } from './packages.js'
import { assertFolder, importFolder, type ShareCount } from './shared-folder.js'
import { openStorage } from './storage.js'

const ABOUT = `
Prints the key on standard output, and serves the files until Ctrl-C. Whoever has the key can get them, and nobody else
learns it. The same folder keeps its key; what has changed since is published when you run it again. Links are left out.

A copy of the files and the secret key are kept in .swarmway in the folder, or in --storage; delete it, and the next
time there is a new key.

Exit codes: 0 ended by Ctrl-C; 3 network unreachable; 4 refused by the proxy server; 6 the folder cannot be used.`

interface ShareOptions extends NetworkOptions {
  storage?: string
  quiet?: boolean
}

/** `swarmway share`. */
export function shareCommand(): Command {
  const command = new Command('share')
    .description('share the files of a folder with whoever has the key')
    .argument('<folder>', 'what to share')
    .option('-s, --storage <folder>', 'keep the key and the copy here (default: .swarmway in the folder)')
    .option('-q, --quiet', 'only the key, and no status lines on standard error')
    .action((folder: string, options: ShareOptions) => untilInterrupted(share(resolve(folder), options)))
  addNetworkOptions(command).addHelpText('after', ABOUT)
  addExamples(command, [
    ['swarmway share photos', 'shows the key'],
    ['swarmway get <key> photos', 'on the other side'],
    ['swarmway share photos --proxy wss://proxy.example', 'from where there is no UDP']
  ])
  return command
}

async function share(folder: string, options: ShareOptions): Promise<void> {
  const status = new Status(process.stderr, options.quiet)
  // Before the storage is made in it.
  assertFolder(folder)
  const store = await openStorage(folder, options.storage)
  const drive = new Hyperdrive(store)
  try {
    await drive.ready()
    status.say(`Reading ${folder}.`)
    status.say(countLine(await importFolder(folder, drive)))
    await onNetwork(options, {}, status, (network, signal) => serve(network, signal, store, drive, status))
  } finally {
    await drive.close()
  }
}

async function serve({ swarm }: Network, signal: AbortSignal, store: Corestore, drive: Hyperdrive, status: Status) {
  swarm.on('connection', (connection) => {
    store.replicate(connection)
    status.say('Somebody is connected.')
  })
  // The key is shown when it can be used.
  await swarm.join(drive.discoveryKey).flushed()
  process.stdout.write(`${drive.id}\n`)
  status.say(`Get it with: swarmway get ${drive.id}\nCtrl-C ends sharing.`)
  return aborted(signal)
}

function countLine({ bytes, changed, files, isKnown }: ShareCount): string {
  const count = `${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(bytes)}`
  if (!isKnown) return `${count}.`
  return `${count}; ${changed === 0 ? 'nothing has changed' : `${changed} new, changed or gone`} since the last time.`
}
