// A tab that looks for a peer and echoes what it receives.
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

let connection = null

async function join(url, topic) {
  const swarm = new ProxyClient({ connect: websocket(url) })
  const connected = new Promise((resolve) => swarm.once('connection', resolve))
  swarm.join(
    Uint8Array.from(topic.match(/../g), (byte) => Number.parseInt(byte, 16)),
    { server: false }
  )
  connection = await connected
}

function echo() {
  connection.pipe(connection)
}

Object.assign(globalThis, { join, echo })
