/** HyperDHT keeps what it knows of a handshake, 2 kB, while the connection lives. Ours do not. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type { Connection } from '../../src/network/connection.js'
import { type CommonOptions, carries, type Dht, nextConnection, Testnet } from './support.js'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

const testnet = Testnet.use(8)

/** A UDX stream and the socket that it is on. */
interface UdxStream {
  readonly id: number
  readonly socket: object
  readonly remotePort: number
  changeRemote(socket: object, remoteId: number, port: number, host: string): Promise<unknown>
}

interface UdpSocket {
  address(): { port: number }
}

interface Server {
  _addHandshake(...args: unknown[]): Promise<object | null>
}

const OPEN = { ephemeral: true, firewalled: false }
/** One that nobody reaches without hole punching, as far as it knows. */
const FIREWALLED = { ephemeral: true, firewalled: true, quickFirewall: false }

function udxOf(connection: Connection): UdxStream {
  return connection.rawStream as unknown as UdxStream
}

/** The socket of the node on which the stream is not. */
function otherSocket({ io }: Dht, { socket }: UdxStream): UdpSocket {
  return (socket === io.serverSocket ? io.clientSocket : io.serverSocket) as UdpSocket
}

/** Both ends of a connection between two swarms, and their nodes. */
async function connect(nodes: [Dht, Dht], options: CommonOptions = {}) {
  await Promise.all(nodes.map((node) => node.fullyBootstrapped()))
  const handshakes: WeakRef<object>[] = []
  collectHandshakes(nodes[0], handshakes)
  const accepting = testnet.make('swarmway', { dht: nodes[0], handshakeClearWait: 1, ...options })
  const dialling = testnet.make('swarmway', { dht: nodes[1] })
  await accepting.listen()
  const connections = Promise.all([nextConnection(accepting), nextConnection(dialling)])
  dialling.joinPeer(accepting.keyPair.publicKey)
  const [accepted, dialled] = (await connections).map(({ connection }) => connection) as [Connection, Connection]
  return { accepted, dialled, handshakes, nodes }
}

/** Notes what the node's servers remember of each handshake. */
function collectHandshakes(node: Dht, handshakes: WeakRef<object>[]): void {
  const { createServer } = node
  node.createServer = (...args) => {
    const server = createServer.apply(node, args) as unknown as Server
    const { _addHandshake: add } = server
    server._addHandshake = async (...given) => {
      const accepted = await add.apply(server, given)
      if (accepted !== null) handshakes.push(new WeakRef(accepted))
      return accepted
    }
    return server as never
  }
}

describe.each([
  ['can be reached', OPEN, OPEN],
  ['has to be punched through to', FIREWALLED, { ...FIREWALLED, host: '127.0.0.3' }]
])('a peer that %s', (_, there, here) => {
  test('an open connection keeps nothing of its handshake', async () => {
    const { accepted, dialled, handshakes } = await connect([testnet.node(there), testnet.node(here)])
    expect(handshakes).toHaveLength(1)
    await until('the handshake to be collected', () => {
      collectGarbage()
      return handshakes.every((handshake) => handshake.deref() === undefined)
    })
    expect(await carries(dialled, accepted)).toBe(true)
    expect(await carries(accepted, dialled)).toBe(true)
  })
})

test('a connection hears its peer on another socket, and from another address', async () => {
  const { accepted, dialled, nodes } = await connect([testnet.node(OPEN), testnet.node(OPEN)])
  const [there, here] = [udxOf(accepted), udxOf(dialled)]
  const { port } = otherSocket(nodes[0], there).address()
  await here.changeRemote(otherSocket(nodes[1], here), there.id, port, '127.0.0.1')
  expect(await carries(dialled, accepted)).toBe(true)
})

test('a relayed connection moves to the first direct address that it hears from', async () => {
  const relay = await testnet.relay()
  const unreachable: [Dht, Dht] = [testnet.unreachableNode(), testnet.unreachableNode()]
  const { accepted, dialled, nodes } = await connect(unreachable, { relayThrough: () => relay.publicKey })
  expect(relay.matched()).toBe(1)
  const [there, here] = [udxOf(accepted), udxOf(dialled)]
  const { port } = otherSocket(nodes[0], there).address()
  const socket = otherSocket(nodes[1], here)
  const direct = (socket as UdpSocket).address().port
  await here.changeRemote(socket, there.id, port, '127.0.0.1')
  dialled.write(new Uint8Array(1))
  await until('it to have moved', () => there.remotePort === direct)
  expect(await carries(accepted, dialled)).toBe(true)
})
