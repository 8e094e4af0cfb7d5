import type { Clock } from '@swarmway/proxy-protocol'
import { type FleetOptions, ProxyServer } from '@swarmway/proxy-server'
import type { LinkTaker } from '@swarmway/proxy-server/websocket'
import { usageError } from '../../shared/errors/cli-error.js'
import type { ProxySettings } from '../config/settings.js'
import type { FileWatch } from './file-watch.js'
import { fleetOptions } from './fleet-options.js'
import { logEvents } from './log-events.js'
import { proxyOptions } from './proxy-options.js'
import { Tokens } from './tokens.js'
import { useFiles, type WatchTools } from './watched-file.js'

/** What the process provides. */
export interface ServerProcess extends WatchTools {
  readonly settings: ProxySettings
  /** Its number, from 1; null if there are no workers. */
  readonly worker: number | null
  /** The proxy server's; default the platform's. */
  readonly serverClock?: Clock | undefined
  /** Wraps the server's ports. */
  readonly route?: ((server: ProxyServer) => LinkTaker) | undefined
}

/** The proxy server for the settings, and the watcher of its tokens. Rejects with a CliError. */
export async function createProxy(tools: ServerProcess): Promise<{ server: ProxyServer; watch: FileWatch | null }> {
  const { settings } = tools
  const fleet = await fleetOptions(settings, tools.worker)
  if (settings.tokenFile === null) return { server: make(tools, null, fleet), watch: null }
  const { used, watch } = await readTokens(settings.tokenFile, tools)
  try {
    return { server: make(tools, used, fleet), watch }
  } catch (error) {
    watch.close()
    throw error
  }
}

function make(
  { log, serverClock, settings, worker }: ServerProcess,
  tokens: Tokens | null,
  fleet: FleetOptions | null
): ProxyServer {
  const options = { ...proxyOptions(settings, worker, tokens?.authenticate ?? null), ...(fleet !== null && { fleet }) }
  try {
    const server = new ProxyServer({ ...options, ...(serverClock !== undefined && { clock: serverClock }) })
    logEvents(server, log, settings.logAddresses)
    return server
  } catch (error) {
    if (error instanceof TypeError) throw usageError(`The server rejected the settings: ${error.message}.`)
    throw error
  }
}

function readTokens(file: string, tools: WatchTools) {
  return useFiles(
    {
      what: 'token file',
      files: [file],
      use: ([bytes]) => new Tokens(String(bytes)),
      change: (tokens, [bytes]) => tokens.replace(String(bytes))
    },
    tools
  )
}
