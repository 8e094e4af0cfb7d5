/** What strangers on its topic do to another client of the server with the messages that open direct paths. */

import { ProxyClient } from '../../dist/index.js'
import { connectFrom } from './stranger.mjs'

const CLIENTS = 30
const HOST = '198.51.100.7'
/** Connections made one after the other until the attack is in full force. */
const CHURN = 200

/** By name, as in the table of docs/security.md. */
export const SIGNALLING_ATTACKS = {
  '30 clients that flood another client with signals for direct paths': (target) => flood(target),
  '30 clients that ask another client for direct paths, and connect again and again': (target) => askAgain(target)
}

/** `whenConnected` is called with each connection's raw stream, which has paths, and the connection. */
function stranger({ tcpPort, topic }, whenConnected) {
  const rtc = { RTCPeerConnection: class {} }
  const client = new ProxyClient({
    connect: () => connectFrom(HOST, tcpPort),
    direct: { rtc, allow: () => false }
  })
  client.on('connection', (connection) => {
    connection.on('error', () => {})
    whenConnected(connection.rawStream, connection)
  })
  client.join(Buffer.from(topic, 'hex'), { server: false })
}

/** Offers of 8 kB and candidates, as fast as the line allows. */
async function flood(target) {
  let left = CLIENTS
  await new Promise((resolve) => {
    for (let i = 0; i < CLIENTS; i++)
      stranger(target, (raw) => {
        keepFull(raw)
        if (--left === 0) resolve()
      })
  })
}

function keepFull(raw) {
  const { first } = raw
  const write = first.write.bind(first)
  let isWritable = true
  first.write = (bytes) => {
    isWritable = write(bytes)
    return isWritable
  }
  const fill = () => {
    while (isWritable && !first.destroying) {
      raw.sendSignal(signal('offer', 'v=0 '.repeat(2000)))
      raw.sendSignal(signal('candidate', 'candidate:1 1 udp 1 192.0.2.1 9 typ host'))
    }
  }
  first.on('drain', () => {
    isWritable = true
    fill()
  })
  fill()
}

async function askAgain(target) {
  let left = CHURN
  await new Promise((resolve) => {
    for (let i = 0; i < CLIENTS; i++) begin()
    function begin() {
      stranger(target, (raw, connection) => {
        for (let id = 1; id <= 5; id++) raw.sendSignal(signal('ask', '', id))
        setTimeout(() => connection.destroy(), 50)
        if (--left === 0) resolve()
      })
    }
  })
}

function signal(type, text, attempt = 1) {
  return { type, attempt, index: 0, text }
}
