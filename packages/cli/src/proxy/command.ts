import cluster from 'node:cluster'
import { Command } from 'commander'
import { announcePorts, announceSettings, audienceOf } from './announce.js'
import { addFlags } from './config/flags.js'
import { resolveSettings } from './config/resolve.js'
import { addProxyHelp } from './help.js'
import { createLog } from './server/log.js'
import { runSingle } from './single.js'
import { stopOnSignal } from './stop-on-signal.js'
import { runPrimary } from './workers/primary.js'
import { Worker } from './workers/worker.js'

/** `swarmway proxy`. */
export function proxyCommand(): Command {
  const command = new Command('proxy')
    .summary('run a proxy server for browser tabs and peers without UDP')
    .description('Run a proxy server, which lets browser tabs and peers without UDP take part in swarms.')
    .action((flags: Record<string, unknown>) => runProxy(flags))
  addFlags(command)
  addProxyHelp(command)
  return command
}

async function runProxy(flags: Record<string, unknown>): Promise<void> {
  if (cluster.isWorker) {
    new Worker()
    return
  }
  const resolved = await resolveSettings({ flags, env: process.env, folder: process.cwd() })
  const { settings } = resolved
  const log = createLog(settings, null)
  const audience = audienceOf(log)
  announceSettings(resolved, audience)
  const starting = settings.workers === 1 ? runSingle(settings, { log }) : runPrimary(settings, log)
  stopOnSignal(starting, settings.drainMs, log)
  announcePorts(settings, await starting, audience)
}
