import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

const state = document.createElement('p')
const messages = document.createElement('ul')
const input = document.createElement('input')
input.placeholder = 'say something, and press Enter'
document.body.append(state, messages, input)

const swarm = new ProxyClient({ connect: websocket('ws://localhost:8080') })
swarm.on('connected', show)
swarm.on('disconnected', show)
swarm.on('update', show)
swarm.on('connection', (connection) => {
  connection.on('data', (data) => say(new TextDecoder().decode(data)))
})
swarm.join(topicFrom('my very first swarm'))
show()

input.addEventListener('change', () => {
  for (const connection of swarm.connections) connection.write(input.value)
  say(`me: ${input.value}`)
  input.value = ''
})

function show() {
  state.textContent = swarm.connected ? `peers: ${swarm.connections.size}` : 'no link to the proxy server'
}

function say(text) {
  const line = document.createElement('li')
  line.textContent = text
  messages.append(line)
}
