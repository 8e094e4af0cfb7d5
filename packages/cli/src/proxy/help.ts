import { DEFAULT_SERVER_LIMITS } from '@swarmway/proxy-server'
import type { Command } from 'commander'
import { addAbout, helpColumns } from '../shared/command/about.js'
import { addExamples } from '../shared/command/examples.js'
import { envOf, flagOf } from './config/settings.js'

const MAX_COLUMNS = 3
const COLUMN_WIDTH = 33

/** The part of the help of `swarmway proxy` that follows the options. */
export function addProxyHelp(command: Command): void {
  addExamples(command, [
    ['swarmway proxy', 'serve this machine only, on ws://127.0.0.1:8080'],
    ['swarmway proxy --host 0.0.0.0 --port 443 --cert chain.pem --key key.pem', 'serve everybody'],
    ['swarmway proxy --token-file tokens.txt --origins https://app.example', 'serve selected clients'],
    ['swarmway proxy --behind-proxy --workers 4', 'run behind nginx or Caddy on this machine'],
    ['swarmway proxy --config proxy.json --limits maxClients=50', 'use a file; the flag overrides it']
  ])
  addAbout(command, NOTES)
  command.addHelpText('after', ({ command: shown, error }) => limitTable(helpColumns(shown, error)))
}

const NOTES = `
Settings are taken from flags, then the environment, then the file; the first source that has a setting wins.
  ${flagOf('tokenFile')} is ${envOf('tokenFile')} in the environment and "tokenFile" in the file. To override a
  switch such as ${flagOf('status')} in the file, use --no-status.

Tokens: a client presents one as its option \`auth\`:
    new ProxyClient({ connect: websocket('wss://proxy.example'), auth: token })
  The file has one token per line, each of at least 16 characters (openssl rand -base64 24). It is reloaded when it
  changes. A removed token admits no new links; existing links stay until they end.

Admin port: /metrics for Prometheus and, with --status, a page. It is separate from the public port so that nobody
publishes it by mistake. /health is on both ports: 200, or 503 while draining.

Signals: SIGTERM and SIGINT drain the server: it accepts no new clients, waits up to --drain-ms for open streams and
requests, says goodbye to clients, and exits with code 0 within --drain-ms plus 3 s. A second signal stops it at once.

Limits (--limits name=value, for each worker; sizes in bytes; these are the defaults):`

/** In as many columns as there is room for. */
function limitTable(width: number): string {
  const columns = Math.min(MAX_COLUMNS, Math.max(1, Math.floor(width / COLUMN_WIDTH)))
  const cells = Object.entries(DEFAULT_SERVER_LIMITS).map(([name, value]) => `${name}=${value}`.padEnd(COLUMN_WIDTH))
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    cells.slice(row * columns, (row + 1) * columns)
  )
  return rows.map((row) => `  ${row.join('').trimEnd()}`).join('\n')
}
