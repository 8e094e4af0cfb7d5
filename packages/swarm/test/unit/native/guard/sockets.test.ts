import { expect, test } from 'vitest'
import { guardSocketPool, punchingPool } from '../../../../src/native/guard/sockets.js'

interface Socket {
  send(bytes: Uint8Array, port: number, host: string, ttl?: number): Promise<boolean>
}

const PUNCH = Uint8Array.of(0)

/** A node with a pool of sockets, and the packets that they sent. */
function create() {
  const sent: string[] = []
  const newSocket = (): Socket => ({
    send: async (bytes, port, host, ttl) => {
      sent.push(`${bytes.byteLength} to ${host}:${port} ttl ${ttl}`)
      return true
    }
  })
  const pool = { acquire: () => ({ socket: newSocket() }), routes: new Map() }
  return { node: { _socketPool: pool, socket: newSocket() }, pool, sent }
}

const acquire = (pool: object | undefined) => (pool as { acquire(): { socket: Socket } }).acquire().socket

test('a socket punches holes at a few hosts, however many a peer names, and at many of their ports', async () => {
  const { node, pool, sent } = create()
  expect(guardSocketPool(pool, node)).toBe(true)
  const socket = acquire(pool)
  const given: boolean[] = []
  for (let i = 0; i < 80; i++) given.push(await socket.send(PUNCH, 1000, `5.5.5.${i}`, 64))
  expect(given.filter((was) => was)).toHaveLength(8)
  for (let port = 1; port <= 100; port++) expect(await socket.send(PUNCH, port, '5.5.5.0', 5)).toBe(true)
  expect(sent).toHaveLength(108)
  expect(sent.at(-1)).toBe('1 to 5.5.5.0:100 ttl 5')
})

test('the sockets of a pool with a rule punch holes only where it allows, those of others everywhere', async () => {
  const { node, pool, sent } = create()
  const limited = punchingPool(node, (host) => host === '5.5.5.1')
  expect(await acquire(limited).send(PUNCH, 1, '10.0.0.1')).toBe(false)
  expect(await acquire(limited).send(PUNCH, 2, '5.5.5.1')).toBe(true)
  expect(await acquire(pool).send(PUNCH, 3, '10.0.0.1')).toBe(true)
  expect(sent).toHaveLength(2)
  expect((limited as typeof pool).routes).toBe(pool.routes)
})

test('the node’s own socket, which stands in when there are no others, is left as it is', async () => {
  const { node, sent } = create()
  node._socketPool.acquire = () => ({ socket: node.socket })
  expect(acquire(punchingPool(node, () => false))).toBe(node.socket)
  expect(await node.socket.send(PUNCH, 1, '10.0.0.1')).toBe(true)
  expect(sent).toHaveLength(1)
})

test('a node without such a pool has no limited one', () => {
  expect(punchingPool({}, () => true)).toBeUndefined()
})
