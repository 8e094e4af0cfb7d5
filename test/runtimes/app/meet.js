// An application as a user writes it, the same for every runtime and bundler.
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

/** Greets the peer that it meets behind the proxy server at `url`, and resolves to the answer. */
export async function meet(url, name) {
  const swarm = new ProxyClient({ connect: websocket(url) })
  try {
    return await answerOf(swarm, name)
  } finally {
    await swarm.destroy()
  }
}

function answerOf(swarm, name) {
  return new Promise((resolve, reject) => {
    swarm.on('connection', (connection) => {
      connection.on('error', reject)
      connection.on('data', (data) => resolve(new TextDecoder().decode(data)))
      connection.write(`hello from ${name}`)
    })
    swarm.join(topicFrom('runtimes'))
  })
}
