import { ProxyServer } from '@swarmway/proxy-server'
import { usageError } from '../../shared/cli-error.js'
import type { FileWatch } from './file-watch.js'
import { logEvents } from './log-events.js'
import { proxyOptions } from './proxy-options.js'
import type { ServerSeat } from './running-server.js'
import { Tokens } from './tokens.js'
import { useFiles, type WatchTools } from './watched-file.js'

/** The proxy server for the settings, and the watch on its tokens. Rejects with a CliError. */
export async function createProxy(seat: ServerSeat): Promise<{ server: ProxyServer; watch: FileWatch | null }> {
  const { settings } = seat
  if (settings.tokenFile === null) return { server: make(seat, null), watch: null }
  const { used, watch } = await readTokens(settings.tokenFile, seat)
  try {
    return { server: make(seat, used), watch }
  } catch (error) {
    watch.close()
    throw error
  }
}

function make({ log, settings, worker }: ServerSeat, tokens: Tokens | null): ProxyServer {
  const options = proxyOptions(settings, worker, tokens?.authenticate ?? null)
  try {
    const server = new ProxyServer(options)
    logEvents(server, log, settings.logAddresses)
    return server
  } catch (error) {
    if (error instanceof TypeError) throw usageError(`The server refuses the settings: ${error.message}.`)
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
