/** Serves the page and a proxy server on one port, or builds the page. `--help` says how. */
import type { Server } from 'node:http'
import { parseArgs } from 'node:util'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import { build, createServer } from 'vite'
import { onStop, runCommand } from './command.ts'

const HELP = `npm run example:browser -- [options]

  --local         no DHT: only pages of this server find each other; works offline
  --port <port>   default 5173, or the next free one
  --host <host>   default localhost; 0.0.0.0 to accept other machines
  --build         build a static page in examples/browser/dist, for any web server
  --help          show this help
`

const OPTIONS = {
  local: { type: 'boolean', default: false },
  port: { type: 'string', default: '5173' },
  host: { type: 'string', default: 'localhost' },
  build: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
} as const

const configFile = new URL('./vite.config.ts', import.meta.url).pathname

await runCommand(async () => {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) console.log(HELP)
  else if (values.build) await build({ configFile })
  else await serve(values.host, readPort(values.port), values.local)
})

async function serve(host: string, port: number, isLocal: boolean): Promise<void> {
  const vite = await createServer({ configFile, server: { port, host } })
  const proxy = new ProxyServer(isLocal ? { dht: null } : {})
  onStop(async () => {
    await proxy.destroy()
    await vite.close()
  })
  await vite.listen()
  // Without certificates, Vite's server speaks HTTP/1, which WebSockets need.
  await listen(proxy, { server: vite.httpServer as Server, path: '/swarm' })
  console.log(isLocal ? 'Only pages from this server find each other.' : 'Peers are found on the public DHT.')
  console.log('Open this in two tabs, or send it to somebody:')
  vite.printUrls()
}

function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new Error(`--port must be a number from 0 to 65535, not "${text}".`)
}
