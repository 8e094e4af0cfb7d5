/** Several swarms here and several there use one peer connection, with WebRTC in Node. */
import { randomBytes } from 'node:crypto'
import type { Connection } from '@swarmway/swarm'
import { expect, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import type { ProxyClient } from '../../src/index.js'
import { connectionBetween, createRig, type Network } from '../support/rig.js'
import { type WatchedRtc, watchedRtc } from '../support/watched-rtc.js'

/** A page, or what stands for one: swarms with one WebRTC. */
interface Host {
  readonly rtc: WatchedRtc
  readonly swarms: ProxyClient[]
}

function hostOf(rig: Network, count: number, options: object = {}): Host {
  const rtc = watchedRtc()
  const direct = { rtc, localAddresses: true, ...options }
  return { rtc, swarms: Array.from({ length: count }, () => rig.createSwarm({ direct })) }
}

/** Connects each swarm of one host with each of the other. Every other connection is dialled from the other side. */
async function connectAll(one: Host, other: Host): Promise<[Connection, Connection][]> {
  await Promise.all([...one.swarms, ...other.swarms].map((swarm) => swarm.listen()))
  const pairs = one.swarms.flatMap((near) => other.swarms.map((far) => [near, far] as const))
  for (const [index, [near, far]] of pairs.entries())
    if (index % 2 === 0) void near.connect(far.keyPair.publicKey)
    else void far.connect(near.keyPair.publicKey)
  return Promise.all(pairs.map((pair) => connectionBetween(...pair)))
}

async function exchange([near, far]: readonly [Connection, Connection]): Promise<void> {
  for (const [from, to] of [
    [near, far],
    [far, near]
  ] as const) {
    const sent = randomBytes(300_000)
    const received: Uint8Array[] = []
    const onData = (data: Uint8Array) => received.push(data)
    to.on('data', onData)
    from.write(sent)
    const all = () => Buffer.concat(received)
    await until('all has arrived', () => all().byteLength >= sent.byteLength)
    to.off('data', onData)
    expect(all().equals(sent)).toBe(true)
  }
}

const isDirect = (ends: readonly Connection[]) => ends.every(({ path }) => path === 'direct')
const openOf = ({ rtc }: Host) => rtc.made.filter(({ connectionState }) => connectionState !== 'closed').length

test('nine connections between three swarms here and three there share one peer connection, until the last has gone', async () => {
  const rig = await createRig({ testnet: null })
  const [one, other] = [hostOf(rig, 3), hostOf(rig, 3)]
  const links = await connectAll(one, other)
  await until('all are direct', () => links.every(isDirect))
  await Promise.all(links.map(exchange))
  expect([openOf(one), openOf(other)]).toEqual([1, 1])
  for (const [near, far] of links.slice(0, -1)) {
    near.destroy()
    await until('the other side has closed', () => far.destroyed)
  }
  const last = links.at(-1) as [Connection, Connection]
  await exchange(last)
  expect([isDirect(last), openOf(one), openOf(other)]).toEqual([true, 1, 1])
  await Promise.all(one.swarms.map((swarm) => swarm.destroy()))
  await until('none is left', () => openOf(one) === 0 && openOf(other) === 0)
})

test('when it dies, all data take the server, and then one other peer connection', async () => {
  const rig = await createRig({ testnet: null })
  const [one, other] = [hostOf(rig, 2), hostOf(rig, 2)]
  const links = await connectAll(one, other)
  await until('all are direct', () => links.every(isDirect))
  const lost = () => one.swarms.reduce((sum, { stats }) => sum + stats.direct.lost, 0)
  one.rtc.made.at(-1)?.close()
  await until('all have left it', () => lost() === links.length)
  await Promise.all(links.map(exchange))
  await until('all are direct again', () => links.every(isDirect))
  await Promise.all(links.map(exchange))
  expect([openOf(one), openOf(other)]).toEqual([1, 1])
})

test.each([{ share: false }, { policy: 'relay', share: undefined } as const])(
  'with %o each connection makes its own',
  async (options) => {
    const rig = await createRig({ testnet: null })
    const [one, other] = [hostOf(rig, 2, options), hostOf(rig, 1)]
    await connectAll(one, other)
    await until('each has begun', () => one.rtc.made.length >= 2 && other.rtc.made.length >= 2)
  }
)
