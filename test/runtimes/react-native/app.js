// An application for React Native, as the documentation shows it; the test stands in for the package `react-native`.
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

const { AppState, report } = globalThis

globalThis.startApp = (url, topic) => {
  const swarm = new ProxyClient({ connect: websocket(url) })
  swarm.on('connection', (connection) => {
    report('connection', connection.remotePublicKey.length)
    connection.on('data', (data) => report('data', data.length))
    connection.on('close', () => report('close'))
    connection.write('hello from React Native')
  })
  AppState.addEventListener('change', (state) => {
    if (state === 'background')
      swarm.suspend().then(
        () => report('suspended'),
        ({ stack }) => report('failed', stack)
      )
    if (state === 'active') swarm.resume()
  })
  swarm
    .join(topicFrom(topic))
    .flushed()
    .then(() => report('flushed'))
}
