/**
 * Loaded before a sample that uses names without declaring them (scripts/docs/given.ts): makes those in GIVEN global.
 * PROXY is the URL of a proxy server.
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// As the sample does: from the folder of its page.
const require = createRequire(pathToFileURL(join(process.cwd(), 'sample.js')))
const { keyPair } = require('hypercore-crypto')
const { createGroup, Swarm } = require('@swarmway/swarm')
const { ProxyClient } = require('@swarmway/proxy-client')
const { websocket } = require('@swarmway/proxy-client/websocket')

const own = keyPair(randomBytes(32))
const anna = keyPair(randomBytes(32))

/** What each name stands for, made only if it is used. */
const VALUES = {
  swarm: () => new Swarm(),
  client: () => new ProxyClient({ connect: websocket(process.env['PROXY']) }),
  group: () => createGroup({ seed: randomBytes(32) }),
  dht: () => new Swarm().dht,
  store: () => ({ replicate: (connection) => connection }),
  httpServer: () => createServer().listen(0, '127.0.0.1'),
  topic: () => randomBytes(32),
  publicKey: somePeer,
  publicKeyOfAnna: () => anna.publicKey,
  seed: () => randomBytes(32),
  keyPair: () => own,
  baseKeyPair: () => keyPair(randomBytes(32)),
  sharedKeyPair: () => keyPair(randomBytes(32)),
  url: () => process.env['PROXY'],
  text: () => String(createGroup({ seed: randomBytes(32) }).invite(own.publicKey)),
  token: () => 'secret'
}

/** The key of a peer that can be reached. */
async function somePeer() {
  const peer = new Swarm()
  await peer.listen()
  return peer.keyPair.publicKey
}

globalThis.require = require
for (const name of process.env['GIVEN'].split(',').filter(Boolean)) globalThis[name] = await VALUES[name]()
