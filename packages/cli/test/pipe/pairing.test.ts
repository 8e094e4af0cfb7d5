import { expect, test } from 'vitest'
import { turns } from '../../../runtime/test/support/until.js'
import { Pairing } from '../../src/pipe/pairing.js'
import { MESSAGE } from '../../src/pipe/wire.js'
import { connectionPair } from '../support/connections.js'

/** A peer that wants to pair. */
class Peer {
  readonly publicKey: Uint8Array
  partner: string | null = null
  isTurnedAway = false
  readonly pairing: Pairing

  constructor(id: number) {
    this.publicKey = new Uint8Array(32).fill(id)
    this.pairing = new Pairing(this.publicKey, {
      onPaired: (channel) => {
        expect(this.partner).toBeNull()
        this.partner = hex(channel.remotePublicKey)
        channel.receiver = { onMessage: () => {}, onClose: () => {} }
      },
      onTaken: () => {
        expect(this.partner).toBeNull()
        this.isTurnedAway = true
      }
    })
  }
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex')
}

function connect(a: Peer, b: Peer): void {
  const [near, far] = connectionPair(a.publicKey, b.publicKey)
  a.pairing.add(near)
  b.pairing.add(far)
}

/** All permutations. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length === 0) return [[]]
  return things.flatMap((thing, i) => orders(things.filter((_, j) => j !== i)).map((rest) => [thing, ...rest]))
}

test('two become a pair, whichever hears of the other first', async () => {
  const [a, b] = [new Peer(1), new Peer(2)]
  connect(b, a)
  await turns()
  expect([a.partner, b.partner]).toEqual([hex(b.publicKey), hex(a.publicKey)])
})

test('of three that meet at once, two become a pair and the third is turned away, in any order', async () => {
  for (const order of orders([0, 1, 2])) {
    const peers = [new Peer(1), new Peer(2), new Peer(3)]
    const links = [
      [0, 1],
      [1, 2],
      [2, 0]
    ] as const
    for (const i of order) {
      const [from, to] = links[i] ?? [0, 1]
      connect(peers[from] as Peer, peers[to] as Peer)
    }
    await turns()
    expect(peers.filter(({ partner }) => partner !== null)).toHaveLength(2)
    expect(peers.filter(({ isTurnedAway }) => isTurnedAway)).toHaveLength(1)
  }
})

test('a peer that comes after the pairing is turned away by both', async () => {
  const [a, b] = [new Peer(1), new Peer(2)]
  connect(a, b)
  await turns()
  for (const [other, late] of [
    [a, new Peer(9)],
    [b, new Peer(8)]
  ] as const) {
    connect(other, late)
    await turns()
    expect(late.isTurnedAway).toBe(true)
  }
  expect(a.partner).toBe(hex(b.publicKey))
})

test('a peer that dies before answering our offer makes way for the next', async () => {
  const [a, c] = [new Peer(1), new Peer(3)]
  const [near, far] = connectionPair(a.publicKey, new Uint8Array(32).fill(2))
  a.pairing.add(near)
  connect(a, c)
  await turns()
  expect(a.partner).toBeNull()
  far.destroy()
  await turns()
  expect(a.partner).toBe(hex(c.publicKey))
})

test('an unsolicited answer costs its sender the connection', async () => {
  const a = new Peer(2)
  const [near, far] = connectionPair(a.publicKey, new Uint8Array(32).fill(1))
  a.pairing.add(near)
  let isClosed = false
  far.on('close', () => {
    isClosed = true
  })
  far.write(new Uint8Array([MESSAGE.accept]))
  await turns()
  expect(isClosed).toBe(true)
  expect(a.partner).toBeNull()
})
