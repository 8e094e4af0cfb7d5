import { runNode } from './node.mjs'

const SERVED = `
  import { ProxyServer } from '@swarmway/proxy-server'
  import { listenStatus } from '@swarmway/proxy-server/status'
  const server = new ProxyServer({ dht: null })
  const status = await listenStatus(server)
  const load = async (address) => {
    const answer = await fetch(new URL(address, status.url))
    if (answer.status !== 200) throw new Error(address + ': ' + answer.status)
    return answer.text()
  }
  const page = await load('./')
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) await load(address)
  await status.close()
  await server.destroy()
`

/** The status page has its scripts, and finds those of uPlot where npm has put them. */
export async function checkStatusPage(folder, report) {
  await report.check('the status page and everything it loads are served', () => runNode(folder, 'module', SERVED))
}
