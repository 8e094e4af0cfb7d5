// The same application in CommonJS.
const { ProxyClient, topicFrom } = require('@swarmway/proxy-client')
const { websocket } = require('@swarmway/proxy-client/websocket')

module.exports = async function meet(url, name) {
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
