// One swarm for all tabs of this origin. The browser ends it with the last of them.
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

const tabs = new Map()
let swarm

addEventListener('connect', onTab)

function onTab(event) {
  const [port] = event.ports
  tabs.set(port, (message) => port.postMessage(message))
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
  opened.on('update', () => tell())
  opened.on('connection', (connection) => {
    connection.on('data', (data) => tell(new TextDecoder().decode(data)))
  })
  opened.join(topicFrom('my very first swarm'))
  return opened
}

function tell(text = '') {
  for (const send of tabs.values()) send({ peers: swarm.connections.size, text })
}
