/**
 * A client's handshake message goes out as one UDP packet to an address that may be anybody's. It could have 64 KiB, and
 * so a client could flood a third party.
 */
import { createSocket } from 'node:dgram'
import { bytesBody, handshakeDoneBody, SERVER_REQUEST } from '@swarmway/proxy-protocol'
import { createKeyPair } from '@swarmway/swarm/core'
import { expect, onTestFinished, test } from 'vitest'
import { makeServer, rendezvousServer } from '../support/servers.js'
import { codeOf, TestClient } from '../support/test-client.js'
import { HOST, testnet } from '../support/testnet.js'

const LARGE = new Uint8Array(1201)

/** A host that runs nothing and counts what it receives, on this many ports. */
async function victim(portCount: number) {
  const received: number[] = []
  const addresses = await Promise.all(
    Array.from({ length: portCount }, async () => {
      const socket = createSocket('udp4', (message) => received.push(message.byteLength))
      onTestFinished(() => void socket.close())
      await new Promise<void>((resolve) => socket.bind(0, HOST, resolve))
      return { host: HOST, port: socket.address().port }
    })
  )
  return { received, addresses }
}

async function dhtServer() {
  const net = await testnet()
  return { net, server: makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true }) }
}

function sends(bytes: Uint8Array) {
  return { onRequest: (op: number) => (op === SERVER_REQUEST.DIAL_SEND ? bytesBody.encode(bytes) : undefined) }
}

test('a dial whose message does not fit into a packet fails, and nothing is sent', async () => {
  const { server } = await dhtServer()
  const { addresses, received } = await victim(1)
  const client = await TestClient.connect(server, sends(LARGE))
  expect(await codeOf(client.dial(createKeyPair().publicKey, addresses))).toBe('HANDSHAKE_TOO_LARGE')
  expect(received).toEqual([])
})

test('a dial sends to a host that it names no more than twice what the client sends', async () => {
  const { server } = await dhtServer()
  const { addresses, received } = await victim(8)
  const client = await TestClient.connect(server, sends(new Uint8Array(1000)))
  expect(await codeOf(client.dial(createKeyPair().publicKey, addresses))).not.toBe('none')
  expect(received.length).toBeGreaterThan(0)
  expect(received.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(2 * (client.link?.bytesOut ?? 0))
})

test('maxDialPacketsPerMinute limits the addresses that get a packet', async () => {
  const net = await testnet()
  const limits = { maxDialPacketsPerMinute: 1 }
  const server = makeServer({ bootstrap: net.bootstrap, host: HOST, allowPrivateAddresses: true, limits })
  const { addresses, received } = await victim(1)
  const client = await TestClient.connect(server, sends(new Uint8Array(100)))
  for (let i = 0; i < 2; i++) await codeOf(client.dial(createKeyPair().publicKey, addresses))
  expect(received).toHaveLength(1)
  expect(server.stats.limitHits).toMatchObject({ maxDialPacketsPerMinute: 3 })
})

test('an answer that does not fit into a packet is not sent to the peer', async () => {
  const { net, server } = await dhtServer()
  const done = handshakeDoneBody.encode({ holepunchSecret: new Uint8Array(32), bytes: LARGE })
  const client = await TestClient.connect(server, {
    onRequest: (op) => (op === SERVER_REQUEST.ACCEPT_SEND ? done : undefined)
  })
  await client.listen()
  const stream = net.node().connect(client.keyPair.publicKey)
  const failed = new Promise((resolve) => stream.on('error', resolve))
  await failed
  expect(client.asked).toContain(SERVER_REQUEST.ACCEPT_SEND)
  expect(client.accepted).toHaveLength(0)
})

test('between two clients of a server, the same limit holds in both directions', async () => {
  const server = rendezvousServer()
  const peer = await TestClient.connect(server)
  await peer.listen()
  const client = await TestClient.connect(server, sends(LARGE))
  expect(await codeOf(client.dial(peer.keyPair.publicKey))).toBe('HANDSHAKE_TOO_LARGE')
  const done = handshakeDoneBody.encode({ holepunchSecret: new Uint8Array(32), bytes: LARGE })
  const large = await TestClient.connect(server, {
    onRequest: (op) => (op === SERVER_REQUEST.ACCEPT_SEND ? done : undefined)
  })
  await large.listen()
  const honest = await TestClient.connect(server)
  expect(await codeOf(honest.dial(large.keyPair.publicKey))).toBe('PEER_CONNECTION_FAILED')
})
