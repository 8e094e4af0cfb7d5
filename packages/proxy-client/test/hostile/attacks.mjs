/**
 * What strangers without credentials do to a proxy server, from one address unless it says otherwise. Each attack is in
 * full force when its function resolves, and lasts until the process ends.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { CLIENT_NOTICES, CLIENT_REQUESTS, encodeFrame, FRAME, QUERY_KIND, tell } from '@swarmway/proxy-protocol'
import hypercoreCrypto from 'hypercore-crypto'
import HyperDHT from 'hyperdht'
import { connectFrom, listenOn, session } from './stranger.mjs'

const SESSIONS = 30
const HOST = '198.51.100.7'
const hosts = Array.from({ length: SESSIONS }, (_, i) => `192.0.2.${i + 1}`)
/** Each in a /64 of its own, all of one /48. */
const site = Array.from({ length: 120 }, (_, i) => `2001:db8:1:${i.toString(16)}::1`)
/** Default of `dhtQueriesPerSecond`. */
const AT_ONCE = 64
const DEAD = { host: '127.0.0.1', port: 9 }

/** By name, as in the table of docs/security.md. */
export const ATTACKS = {
  '30 clients that never answer a request for a signature': ({ tcpPort }) => silentSigners(tcpPort, () => HOST),
  'the same from 30 addresses': ({ tcpPort }) => silentSigners(tcpPort, (i) => hosts[i]),
  '30 clients with 64 dials each to peers that do not exist': ({ tcpPort }) => deadDials(tcpPort, () => HOST),
  'the same dials from 30 addresses': ({ tcpPort }) => deadDials(tcpPort, (i) => hosts[i]),
  '120 clients with such dials, each in a /64 of one /48': ({ tcpPort }) => deadDials(tcpPort, (i) => site[i], 120),
  '30 clients that look up new topics as fast as they may': ({ tcpPort }) => lookups(tcpPort, () => HOST),
  'the same lookups from 30 addresses': ({ tcpPort }) => lookups(tcpPort, (i) => hosts[i]),
  '120 clients with such lookups, each in a /64 of one /48': ({ tcpPort }) => lookups(tcpPort, (i) => site[i], 120),
  '30 clients that announce and withdraw a topic that all watch': ({ tcpPort }) => churn(tcpPort),
  '64 dials at a time through the DHT to a client that leaves handshakes half finished': (target) =>
    halfHandshakes(target),
  '1,200 clients that ask for nothing': ({ tcpPort }) => idleSessions(tcpPort),
  '1,200 connections that never greet': ({ tcpPort }) => silentLinks(tcpPort),
  '30 clients that ping as fast as their lines allow': ({ tcpPort }) => pings(tcpPort, () => HOST),
  'the same pings from 30 addresses': ({ tcpPort }) => pings(tcpPort, (i) => hosts[i]),
  '30 clients that send requests as fast as their lines allow': ({ tcpPort }) => requests(tcpPort),
  '30 clients with proofs of keys that are not valid': ({ tcpPort }) => badProofs(tcpPort),
  '100 links that greet and come back at once': ({ tcpPort }) => greetings(tcpPort),
  '100 links that resume with wrong offsets and come back at once, from 30 addresses': ({ tcpPort }) =>
    resumes(tcpPort),
  '600 clients that send 100 bytes a second': ({ tcpPort }) => drips(tcpPort),
  '300 WebSockets that send fragments of a byte': ({ webPort }) => fragments(webPort),
  '30 addresses that send plain requests and come back at once': ({ webPort }) => plainRequests(webPort),
  '30 addresses that send plain requests without waiting for answers': ({ webPort }) => pipelines(webPort)
}

async function sessions(count, port, addressOf, answer) {
  const all = await Promise.all(Array.from({ length: count }, (_, i) => session(addressOf(i), port, answer)))
  return all.filter((one) => one !== null)
}

async function silentSigners(port, addressOf) {
  for (const one of await sessions(SESSIONS, port, addressOf)) {
    const [publicKey] = Array.from({ length: 4 }, () => listenOn(one))
    const announce = () => one.request(CLIENT_REQUESTS.QUERY, query(QUERY_KIND.ANNOUNCE, randomBytes(32), publicKey))
    repeatedly(32, announce)
  }
}

async function deadDials(port, addressOf, count = SESSIONS) {
  let dialId = 0
  for (const one of await sessions(count, port, addressOf)) {
    const dial = () =>
      one.request(CLIENT_REQUESTS.CONNECT, { dialId: ++dialId, publicKey: randomBytes(32), addresses: [DEAD] })
    repeatedly(64, dial)
  }
}

/** In full force once the queries that each network may begin at once after a pause are over. */
async function lookups(port, addressOf, count = SESSIONS) {
  const all = await sessions(count, port, addressOf)
  let left = AT_ONCE * new Set(Array.from({ length: count }, (_, i) => siteOf(addressOf(i)))).size
  await new Promise((resolve) => {
    for (const one of all)
      repeatedly(64, async () => {
        await one.request(CLIENT_REQUESTS.QUERY, query(QUERY_KIND.LOOKUP, randomBytes(32), null))
        if (--left === 0) resolve()
      })
  })
}

/** An IPv4 address, or the /48 of an IPv6 address. */
function siteOf(address) {
  return address.split(':').slice(0, 3).join(':')
}

async function churn(port) {
  const topic = randomBytes(32)
  for (const one of await sessions(SESSIONS, port, () => HOST)) {
    tell(one.own, CLIENT_NOTICES.WATCH, topic)
    const publicKey = listenOn(one)
    repeatedly(4, async () => {
      await one.request(CLIENT_REQUESTS.QUERY, query(QUERY_KIND.ANNOUNCE, topic, publicKey))
      await one.request(CLIENT_REQUESTS.UNANNOUNCE, { topic, publicKey })
    })
  }
}

/** Dials are given up and repeated twice a second, so that as many handshakes begin. */
async function halfHandshakes({ bootstrap, tcpPort }) {
  const [one] = await sessions(1, tcpPort, () => HOST)
  const publicKey = listenOn(one)
  for (let i = 0; i < 8; i++) {
    const node = new HyperDHT({ bootstrap, host: '127.0.0.1' })
    const dial = () => {
      const connection = node.connect(publicKey)
      connection.on('error', () => {}).on('close', () => setTimeout(dial, 50))
      setTimeout(() => connection.destroy(), 500)
    }
    for (let j = 0; j < 8; j++) dial()
  }
}

async function idleSessions(port) {
  for (let i = 0; i < 1200; i += 50) await sessions(50, port, () => HOST)
}

async function silentLinks(port) {
  const open = () => connectFrom(HOST, port).then((socket) => socket.once('close', open), open)
  for (let i = 0; i < 1200; i++) await open()
}

async function greetings(port) {
  const greetAgain = async () => {
    for (;;) {
      const one = await session(HOST, port).catch(() => null)
      one?.socket.destroy()
    }
  }
  for (let i = 0; i < 100; i++) greetAgain()
}

/** In full force once the greetings that each network may begin at once after a pause are over. */
async function resumes(port) {
  let left = 1000
  let onForce = () => {}
  const inFullForce = new Promise((resolve) => {
    onForce = resolve
  })
  const resumeAgain = async (host) => {
    let resume
    for (;;) {
      const one = await session(host, port, undefined, resume).catch(() => null)
      // The server ends a session whose offsets cannot be true, so that every second one is new.
      resume = resume === undefined && one !== null ? claimOf(one.welcome) : undefined
      if (resume !== undefined) tell(one.own, CLIENT_NOTICES.WATCH, randomBytes(32))
      await new Promise((resolve) => setTimeout(resolve, 1))
      one?.socket.destroy()
      if (--left === 0) onForce()
    }
  }
  for (let i = 0; i < 100; i++) resumeAgain(hosts[i % SESSIONS])
  await inFullForce
}

function claimOf({ resumeToken, sessionId }) {
  return { sessionId, resumeToken, received: Math.floor(Math.random() * 2 ** 32) }
}

/** Pings, in pieces that end anywhere. */
async function drips(port) {
  const ping = encodeFrame(FRAME.PING, new Uint8Array(4))
  const pieces = Buffer.concat(Array.from({ length: 100 }, () => ping))
  for (let i = 0; i < 600; i += 50)
    for (const { socket } of await sessions(50, port, () => HOST)) {
      let at = 0
      setInterval(() => {
        socket.write(pieces.subarray(at, at + 100))
        at = (at + 100) % pieces.length
      }, 1000)
    }
}

async function pings(port, addressOf) {
  const flood = Buffer.concat(Array.from({ length: 5000 }, () => encodeFrame(FRAME.PING, new Uint8Array(4))))
  for (const { socket } of await sessions(SESSIONS, port, addressOf)) keepFull(socket, () => flood)
}

/** Of an operation that does not exist, and far more than the limits allow. */
async function requests(port) {
  for (const { socket } of await sessions(SESSIONS, port, () => HOST)) {
    let id = 0
    const request = () => {
      const body = Buffer.alloc(10, 0xff)
      body.writeBigUInt64LE(BigInt(++id))
      return encodeFrame(FRAME.REQUEST, body)
    }
    keepFull(socket, () => Buffer.concat(Array.from({ length: 200 }, request)))
  }
}

async function badProofs(port) {
  const proof = new Uint8Array(64)
  for (const one of await sessions(SESSIONS, port, () => HOST))
    repeatedly(64, () => one.request(CLIENT_REQUESTS.LISTEN, { publicKey: hypercoreCrypto.keyPair().publicKey, proof }))
}

/** Writes as much as the socket takes, and reads what comes back. */
function keepFull(socket, next) {
  const fill = () => {
    while (!socket.destroyed && socket.write(next()));
  }
  socket.on('drain', fill)
  fill()
}

async function fragments(port) {
  const fragment = (opcode) => Buffer.from([opcode, 0x81, 0, 0, 0, 0, 1])
  const message = Buffer.concat([fragment(2), ...Array.from({ length: 16_000 }, () => fragment(0))])
  for (let i = 0; i < 300; i++) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      `GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    )
    await Promise.race([once(socket, 'data'), once(socket, 'close')])
    socket.write(message)
  }
}

let lastId = 0

function query(kind, topic, publicKey) {
  return { queryId: ++lastId, kind, topic, publicKey }
}

/** Keeps so many calls in progress; a refused one is repeated a little later. */
function repeatedly(count, call) {
  const again = async () => {
    for (;;) {
      await call()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  for (let i = 0; i < count; i++) again()
}

function plainRequests(port) {
  for (const host of hosts) comeBack(port, (socket) => socket.write(plainRequest(host)))
}

function pipelines(port) {
  for (const host of hosts) {
    const piece = plainRequest(host).repeat(100)
    comeBack(port, (socket) => {
      const fill = () => {
        while (!socket.destroyed && socket.write(piece));
      }
      fill()
      socket.on('drain', fill)
    })
  }
}

function plainRequest(host) {
  return `GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${host}\r\n\r\n`
}

/** Connects, calls `begin`, and connects again once the connection has closed. */
function comeBack(port, begin) {
  const socket = connect(port, '127.0.0.1', () => begin(socket))
  socket.on('error', () => {}).on('close', () => comeBack(port, begin))
  socket.resume()
}
