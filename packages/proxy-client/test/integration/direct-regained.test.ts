/**
 * A connection on a direct path lost its proxied one for good when the session with the server ended: once the direct path
 * died as well, the connection closed, however long the server had been back.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { connectionBetween, createRig, type Network, type RigClientOptions, shownBy } from '../support/rig.js'
import { LinkControl } from '../support/tap.js'
import type { Door } from '../support/transports.js'
import { type WatchedRtc, watchedRtc } from '../support/watched-rtc.js'

interface Side {
  readonly rtc: WatchedRtc
  readonly control: LinkControl
  readonly options: RigClientOptions
}

/** Clients that connect to whatever server is at the door now. */
function sideAt(place: { door: Door }): Side {
  const [rtc, control] = [watchedRtc(), new LinkControl()]
  const connect = control.through(() => place.door.connect())
  return { rtc, control, options: { connect, direct: { rtc, localAddresses: true } } }
}

async function pass(from: Connection, to: Connection): Promise<void> {
  const sent = randomBytes(500_000)
  const received = createHash('sha256')
  let bytes = 0
  const onData = (data: Uint8Array) => {
    received.update(data)
    bytes += data.byteLength
  }
  to.on('data', onData)
  from.write(sent)
  await until('all has arrived', () => bytes === sent.byteLength)
  to.off('data', onData)
  expect(received.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'))
}

function allOn(path: string, ends: readonly Connection[]): boolean {
  return ends.every((end) => end.path === path)
}

/** Two clients on a direct path whose server is gone, and another one in its place. */
async function meetAndLoseServer(rig: Network) {
  const first = await rig.createServer()
  const place = { door: first.door }
  const sides = [sideAt(place), sideAt(place)] as const
  const [one, other] = [rig.createSwarm(sides[0].options), rig.createSwarm(sides[1].options)]
  const shown = [shownBy(one), shownBy(other)]
  await other.listen()
  void one.connect(other.keyPair.publicKey)
  const ends = await connectionBetween(one, other)
  await until('both sides are on the direct path', () => allOn('direct', ends))
  await first.server.destroy()
  await until('the links are down', () => !one.connected && !other.connected)
  return { ends, sides, shown, swarms: [one, other] as const, place }
}

test('a proxied path that died with its server is there again after a restart, and carries what the direct one drops', async () => {
  const rig = await createRig({ testnet: null })
  const { ends, place, shown, sides, swarms } = await meetAndLoseServer(rig)
  await pass(ends[0], ends[1])
  place.door = (await rig.createServer()).door
  await until('both sides have it again', () => swarms.every(({ stats }) => stats.direct.regained === 1))
  expect(allOn('direct', ends)).toBe(true)
  sides[1].rtc.made.at(-1)?.close()
  await until('both sides are back on it', () => allOn('proxied', ends))
  await Promise.all([pass(ends[0], ends[1]), pass(ends[1], ends[0])])
  await until('signalling goes over it', () => allOn('direct', ends))
  await pass(ends[0], ends[1])
  expect(shown.map(({ length }) => length)).toEqual([1, 1])
  expect(swarms.map(({ connections }) => connections.size)).toEqual([1, 1])
})

test('it may be lost and opened again any number of times', async () => {
  const rig = await createRig({ testnet: null })
  const { ends, place, shown, swarms } = await meetAndLoseServer(rig)
  for (let round = 1; round <= 3; round++) {
    const next = await rig.createServer()
    place.door = next.door
    await until('it is there', () => swarms.every(({ stats }) => stats.direct.regained === round))
    await pass(ends[0], ends[1])
    await next.server.destroy()
    await until('the links are down', () => swarms.every(({ connected }) => !connected))
    await pass(ends[1], ends[0])
  }
  expect(shown.map(({ length }) => length)).toEqual([1, 1])
})

test.each([0, 1])(
  'it is there again after side %i alone was cut off for longer than the grace period',
  async (side) => {
    const rig = await createRig({ testnet: null })
    const first = await rig.createServer({ graceMs: 50 })
    const sides = [sideAt(first), sideAt(first)] as const
    const [one, other] = [rig.createSwarm(sides[0].options), rig.createSwarm(sides[1].options)]
    await other.listen()
    void one.connect(other.keyPair.publicKey)
    const ends = await connectionBetween(one, other)
    await until('both sides are on the direct path', () => allOn('direct', ends))
    const { control } = sides[side] as Side
    control.isDown = true
    control.cut()
    await until('the session is over', () => first.server.clients.size === 1)
    await pass(ends[0], ends[1])
    control.isDown = false
    await until('both sides have it again', () => [one, other].every(({ stats }) => stats.direct.regained === 1))
    sides[0].rtc.made.at(-1)?.close()
    await until('both sides are on it', () => allOn('proxied', ends))
    await Promise.all([pass(ends[0], ends[1]), pass(ends[1], ends[0])])
  }
)

test('a client and a native peer have it again as well, whichever of them dialled', async () => {
  const rig = await createRig()
  for (const isDialler of [true, false]) {
    const first = await rig.createServer()
    const place = { door: first.door }
    const side = sideAt(place)
    const client = rig.createSwarm(side.options)
    const native = rig.createNative({ direct: { rtc: watchedRtc(), localAddresses: true } })
    const [dialler, listener] = isDialler ? [client, native] : [native, client]
    await listener.listen()
    void dialler.connect(listener.keyPair.publicKey)
    const ends = await connectionBetween(client, native)
    await until('both sides are on the direct path', () => allOn('direct', ends))
    await first.server.destroy()
    place.door = (await rig.createServer()).door
    await until(
      'both sides have it again',
      () => client.stats.direct.regained === 1 && native.stats.direct.regained === 1
    )
    side.rtc.made.at(-1)?.close()
    await until('the data take it', () => ends[0].path === 'proxied' && ends[1].path === 'native')
    await Promise.all([pass(ends[0], ends[1]), pass(ends[1], ends[0])])
  }
})
