// A tab that meets a peer, and whose direct paths a test can break.
import { ProxyClient } from '@swarmway/proxy-client'
import { websocket } from '@swarmway/proxy-client/websocket'

const made = []
const state = { connection: null, openMs: 0, directMs: 0, paths: [], bytes: 0, errors: [] }
let swarm = null
let serverUrl = ''

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

/** Opens links to the server of the moment. */
function connect(signal) {
  return websocket(serverUrl)[0](signal)
}
Object.defineProperty(connect, 'serverName', { get: () => new URL(serverUrl).host })

function join(url, topic, options = {}) {
  serverUrl = url
  swarm = new ProxyClient({ connect, reconnectMaxMs: 500, ...options })
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
      received.add(data)
    })
  })
  swarm.join(Uint8Array.from(topic.match(/../g), (byte) => Number.parseInt(byte, 16)))
}

/** Further connections of this tab: another swarm for each topic. */
const further = []

function joinAlso(url, topic) {
  const one = { swarm: new ProxyClient({ connect: websocket(url) }), connection: null, bytes: 0 }
  further.push(one)
  one.swarm.on('connection', (connection) => {
    one.connection = connection
    connection.on('error', () => {})
    connection.on('data', (data) => {
      one.bytes += data.byteLength
    })
  })
  one.swarm.join(Uint8Array.from(topic.match(/../g), (byte) => Number.parseInt(byte, 16)))
}

/** Writes this many bytes on each of them. */
function sendFurther(bytes) {
  for (const { connection } of further) connection.write(new Uint8Array(bytes))
}

function leaveFurther() {
  return further.shift().swarm.destroy()
}

/** Ends one of them without waiting for anything. */
function destroyFurther(index) {
  further[index].connection.destroy()
}

/** Ends the swarm of the first connection. */
function leave() {
  return swarm.destroy()
}

function lookFurther() {
  return further.map(({ connection, bytes }) => ({
    isOpen: connection !== null && !connection.destroyed,
    path: connection?.path,
    bytes
  }))
}

function openPeerConnections() {
  return made.filter(({ connectionState }) => connectionState !== 'closed').length
}

/** Hashes any number of bytes, a megabyte at a time: each hash covers the one before it. */
class ChainedHash {
  #block = new Uint8Array(1_000_000)
  #fill = 0
  #hash = Promise.resolve(new Uint8Array(32))

  add(bytes) {
    for (let rest = bytes; rest.byteLength > 0; ) {
      const part = rest.subarray(0, this.#block.byteLength - this.#fill)
      this.#block.set(part, this.#fill)
      this.#fill += part.byteLength
      rest = rest.subarray(part.byteLength)
      if (this.#fill === this.#block.byteLength) this.#close()
    }
  }

  /** The hash of everything since the last call, in hex. */
  async take() {
    this.#close()
    const hash = await this.#hash
    this.#hash = Promise.resolve(new Uint8Array(32))
    return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  #close() {
    const block = this.#block.slice(0, this.#fill)
    this.#fill = 0
    this.#hash = this.#hash.then(async (before) => {
      const both = new Uint8Array(before.byteLength + block.byteLength)
      both.set(before)
      both.set(block, before.byteLength)
      return new Uint8Array(await crypto.subtle.digest('SHA-256', both))
    })
  }
}

const received = new ChainedHash()

/** Writes random bytes; resolves to their hash when they are written. */
async function send(megabytes) {
  const sent = new ChainedHash()
  for (let left = megabytes * 1_000_000; left > 0; ) {
    const chunk = crypto.getRandomValues(new Uint8Array(Math.min(left, 50_000)))
    sent.add(chunk)
    left -= chunk.byteLength
    if (!state.connection.write(chunk)) await new Promise((resolve) => state.connection.once('drain', resolve))
  }
  return sent.take()
}

/** The hash of everything received since the last call. */
function receivedHash() {
  state.bytes = 0
  return received.take()
}

/** Another server is to be used from the next link on. */
function moveTo(url) {
  serverUrl = url
}

/** The paths of all connections. */
function allPaths() {
  return [...swarm.connections].map((connection) => connection.path)
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

/**
 * Closes the direct path, without a word to the swarm. Not while it is being opened: on a slow machine it would never come
 * to that, as the pauses between attempts grow.
 */
function breakDirect() {
  if (state.connection.path === 'direct') made.at(-1)?.close()
}

/** Makes the direct path lose everything from now on. */
function blackHole() {
  const { channel } = made.at(-1)
  channel.send = () => {}
  channel.onmessage = null
}

Object.assign(globalThis, {
  moveTo,
  allPaths,
  join,
  send,
  receivedHash,
  look,
  breakDirect,
  blackHole,
  joinAlso,
  sendFurther,
  leaveFurther,
  destroyFurther,
  leave,
  lookFurther,
  openPeerConnections,
  peerConnections: made
})
