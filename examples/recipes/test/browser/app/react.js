// An application with the hooks, in Strict Mode, which mounts every component twice.
import { ProxyClient, topicFrom } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { createElement, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { usePeers, useSwarm } from '../../../react/hooks.ts'

function App({ topic, url }) {
  const swarm = useSwarm(() => new ProxyClient({ connect: websocket(url) }))
  const peers = usePeers(swarm, topicFrom(topic))
  return createElement('p', null, `${topic}: ${peers.length}`)
}

const root = createRoot(document.body.appendChild(document.createElement('main')))

globalThis.show = (url, topic) => root.render(createElement(StrictMode, null, createElement(App, { url, topic })))
globalThis.hide = () => root.render(null)
