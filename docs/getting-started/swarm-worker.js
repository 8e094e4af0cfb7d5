// One swarm for all tabs of this origin. The browser ends it with the last of them.
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

const tabs = new Set()
let swarm = null

addEventListener('connect', onTab)

function onTab(event) {
  const [port] = event.ports
  tabs.add(port)
  port.addEventListener('message', ({ data }) => onMessage(port, data))
  port.start()
}

function onMessage(port, message) {
  if (message.type === 'open') swarm ??= open(message)
  if (message.type === 'say') for (const connection of swarm.connections) connection.write(message.text)
  if (message.type === 'close') tabs.delete(port)
  else tell()
}

function open({ server, seed }) {
  const opened = new ProxyClient({ connect: websocket(server), seed })
  opened.on('update', tell)
  opened.on('connection', (connection) => {
    connection.on('data', (data) => tell(new TextDecoder().decode(data)))
  })
  opened.join(topicFrom('my very first swarm'))
  return opened
}

function tell(text) {
  for (const port of tabs) port.postMessage({ peers: swarm.connections.size, text })
}
