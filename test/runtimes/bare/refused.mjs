// Prints how a client's links fail: `bare refused.mjs URL COUNT`.
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

const [url, count] = Bare.argv.slice(2)
const codes = []
try {
  websocket(url, { proxy: 'env' })
} catch ({ code }) {
  codes.push(code)
}
const swarm = new ProxyClient({ connect: websocket(url), reconnectMinMs: 1, reconnectMaxMs: 1 })
swarm.on('disconnected', async ({ error }) => {
  codes.push(error.code)
  if (codes.length <= Number(count)) return
  await swarm.destroy()
  console.log(JSON.stringify(codes))
})
