// A swarm in a worker, with WebRTC lent by the page. Pages and workers load this same file.
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'
import { borrowRtc, lendRtc } from '@swarmway/proxy-client/worker-rtc'

if ('document' in globalThis) beginPage()
else beginWorker()

function beginPage() {
  const made = []
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration)
      made.push(this)
    }
  }
  const state = { peers: [], foreign: 0 }
  let handedOver = 0
  const { postMessage } = MessagePort.prototype
  MessagePort.prototype.postMessage = function (message, transfer = []) {
    postMessage.call(this, message, transfer)
    handedOver += transfer.filter((one) => one instanceof RTCDataChannel).length
  }
  let port = null
  Object.assign(globalThis, {
    state,
    lendAgain: () => {
      globalThis.stopLending = lendRtc(globalThis.worker)
    },
    handedOver: () => handedOver,
    start(kind) {
      const worker =
        kind === 'shared' ? new SharedWorker('/app.js', { type: 'module' }) : new Worker('/app.js', { type: 'module' })
      globalThis.worker = worker
      port = worker.port ?? worker
      port.addEventListener('message', ({ data }) => Object.assign(state, data))
      port.start?.()
      globalThis.stopLending = lendRtc(worker)
    },
    tell: (message) => port.postMessage(message),
    openPeerConnections: () => made.filter(({ connectionState }) => connectionState !== 'closed').length
  })
}

function beginWorker() {
  const direct = borrowRtc()
  const ports = []
  let swarm = null
  let bytes = 0
  let foreign = 0
  const look = () => ({
    bytes,
    foreign,
    peers: [...(swarm?.connections ?? [])].map(({ path }) => path),
    direct: swarm?.stats.direct
  })
  const report = () => {
    for (const port of ports) port.postMessage(look())
  }
  const open = ({ url, topic }) => {
    swarm = new ProxyClient({ connect: websocket(url), direct })
    swarm.on('update', report)
    swarm.on('connection', (connection) => {
      connection.on('path', report)
      connection.on('error', () => {})
      connection.on('data', (data) => {
        bytes += data.byteLength
        report()
      })
    })
    swarm.join(Uint8Array.from(topic.match(/../g), (byte) => Number.parseInt(byte, 16)))
  }
  const onMessage = ({ data }) => {
    if (data.type === 'open') open(data)
    else if (data.type === 'send')
      for (const connection of swarm.connections) connection.write(new Uint8Array(data.bytes))
    else if (data.type !== 'look') foreign++
    report()
  }
  if ('onconnect' in globalThis)
    globalThis.onconnect = async ({ ports: [port] }) => {
      ports.push(port)
      // As an application that reads its storage before it listens.
      await fetch('/app.js')
      port.onmessage = onMessage
    }
  else {
    ports.push(globalThis)
    globalThis.onmessage = onMessage
  }
}
