// A tab that meets a peer, and whose direct paths a test can break.
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

const made = []
const state = { connection: null, openMs: 0, directMs: 0, paths: [], bytes: 0, errors: [] }
let swarm = null

class WatchedConnection extends RTCPeerConnection {
  channel = null

  constructor(configuration) {
    super(configuration)
    made.push(this)
  }

  createDataChannel(...options) {
    this.channel = super.createDataChannel(...options)
    return this.channel
  }
}
globalThis.RTCPeerConnection = WatchedConnection

function join(url, topic, options = {}) {
  swarm = new ProxyClient({ connect: websocket(url), reconnectMaxMs: 500, ...options })
  swarm.on('connection', (connection) => {
    state.openMs = performance.now()
    state.connection = connection
    connection.on('path', (path) => {
      if (path === 'direct' && state.directMs === 0) state.directMs = performance.now() - state.openMs
      state.paths.push(path)
    })
    connection.on('error', (error) => state.errors.push(String(error)))
    connection.on('data', (data) => {
      state.bytes += data.byteLength
      received.push(data)
    })
  })
  swarm.join(Uint8Array.from(topic.match(/../g), (byte) => Number.parseInt(byte, 16)))
}

const received = []

/** Writes random bytes; resolves to their hash when they are written. */
async function send(megabytes) {
  const parts = []
  for (let left = megabytes * 1_000_000; left > 0; ) {
    const chunk = crypto.getRandomValues(new Uint8Array(Math.min(left, 50_000)))
    parts.push(chunk.slice())
    left -= chunk.byteLength
    if (!state.connection.write(chunk)) await new Promise((resolve) => state.connection.once('drain', resolve))
  }
  return hash(parts)
}

/** The hash of everything received since the last call. */
function receivedHash() {
  state.bytes = 0
  return hash(received.splice(0))
}

async function hash(parts) {
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer())
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function look() {
  const { connection, bytes, directMs, errors, paths } = state
  const isOpen = connection !== null && !connection.destroyed
  const { direct } = swarm.stats
  return {
    isOpen,
    path: connection?.path ?? null,
    bytes,
    directMs,
    errors,
    paths,
    direct,
    isConnected: swarm.connected
  }
}

/** Closes the direct path, without a word to the swarm. */
function breakDirect() {
  made.at(-1)?.close()
}

/** Makes the direct path lose everything from now on. */
function blackHole() {
  const { channel } = made.at(-1)
  channel.send = () => {}
  channel.onmessage = null
}

Object.assign(globalThis, { join, send, receivedHash, look, breakDirect, blackHole, peerConnections: made })
