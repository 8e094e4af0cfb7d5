import { DEFAULT_SERVER_LIMITS } from '@swarmway/proxy-server'
import type { Command } from 'commander'
import { addExamples } from '../shared/examples.js'
import { envOf, flagOf } from './config/settings.js'

const COLUMNS = 3
const COLUMN_WIDTH = 34

/** What the help of `swarmway proxy` says after the options. */
export function addProxyHelp(command: Command): void {
  addExamples(command, [
    ['swarmway proxy', 'for this machine only, on ws://127.0.0.1:8080'],
    ['swarmway proxy --host 0.0.0.0 --port 443 --cert chain.pem --key key.pem', 'for everybody'],
    ['swarmway proxy --token-file tokens.txt --origins https://app.example', 'for some'],
    ['swarmway proxy --behind-proxy --workers 4', 'behind nginx or Caddy on this machine'],
    ['swarmway proxy --config proxy.json --limits maxClients=50', 'a file, and a flag over it']
  ])
  command.addHelpText('after', NOTES + limitTable())
}

const NOTES = `
Where settings come from: flags, then the environment, then the file; the first that has one wins.
  ${flagOf('tokenFile')} is ${envOf('tokenFile')} in the environment and "tokenFile" in the file. ${flagOf('status')} and the
  like become --no-status to take back what the file says.

Tokens: a client presents one as its option \`auth\`:
  new ProxyClient({ connect: websocket('wss://proxy.example'), auth: token })
  The file has a token to a line, of at least 16 characters (openssl rand -base64 24); it is read again when it
  changes. A token that is gone lets no link in any more; a link that is there stays until it ends.

Admin port: /metrics for Prometheus and, with --status, a page. It is apart from the public port, so that nobody
  publishes it by mistake. /health is on both: 200, or 503 while draining.

Signals: SIGTERM and SIGINT drain: no new clients, up to --drain-ms for what is under way, a goodbye to each client,
  exit code 0, within --drain-ms and 3 s. A second signal ends at once.

Limits (--limits name=value, for each worker; sizes are bytes, and the defaults are):
`

function limitTable(): string {
  const cells = Object.entries(DEFAULT_SERVER_LIMITS).map(([name, value]) => `${name}=${value}`.padEnd(COLUMN_WIDTH))
  const rows = Array.from({ length: Math.ceil(cells.length / COLUMNS) }, (_, row) =>
    cells.slice(row * COLUMNS, (row + 1) * COLUMNS)
  )
  return rows.map((row) => `  ${row.join('').trimEnd()}`).join('\n')
}
