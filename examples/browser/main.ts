/** Serves the page and a proxy server on one port, or builds the page. `--help` says how. */
import { parseArgs } from 'node:util'
import { ProxyServer } from '@swarmway/proxy-server'
import { listen } from '@swarmway/proxy-server/websocket'
import { build, createServer, type ViteDevServer } from 'vite'

const HELP = `npm run example:browser -- [options]

  --local         no DHT: only pages of this server find each other; needs no network
  --port <port>   default 5173
  --host <host>   default localhost; 0.0.0.0 lets other machines in
  --build         make a static page in examples/browser/dist, for any web server
  --help          this text
`

const { values } = parseArgs({
  options: {
    local: { type: 'boolean', default: false },
    port: { type: 'string', default: '5173' },
    host: { type: 'string', default: 'localhost' },
    build: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  }
})

const configFile = new URL('./vite.config.ts', import.meta.url).pathname

if (values.help) console.log(HELP)
else if (values.build) await build({ configFile })
else await serve()

async function serve(): Promise<void> {
  const proxy = new ProxyServer(values.local ? { dht: null } : {})
  const vite = await createServer({ configFile, server: { port: Number(values.port), host: values.host } })
  await vite.listen()
  await listen(proxy, { server: httpServerOf(vite), path: '/swarm' })
  console.log(values.local ? 'Only pages of this server find each other (--local).' : 'Connected to the public DHT.')
  console.log('Open this in two tabs, or send it to somebody:')
  vite.printUrls()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await proxy.destroy()
      await vite.close()
    })
  }
}

function httpServerOf({ httpServer }: ViteDevServer) {
  if (httpServer === null) throw new Error('Vite has made no server')
  // Without certificates it is HTTP/1, as WebSockets need it.
  return httpServer as import('node:http').Server
}
