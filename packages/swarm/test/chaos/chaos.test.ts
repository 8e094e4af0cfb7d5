/**
 * Random kills, restarts, suspensions and dead links among real swarms, for CHAOS_SECONDS (120). At the end, all living
 * peers form a full mesh again, with one connection per pair, and every count adds up. CHAOS_SEED repeats the choices
 * of a run, as far as real timing allows.
 */
import { randomInt } from 'node:crypto'
import b4a from 'b4a'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../runtime/test/support/until.js'
import { Swarm } from '../../src/native/swarm.js'
import { topicFrom } from '../../src/util/topic.js'
import { createRandom } from '../support/fake-swarm.js'
import { createTestnet } from '../support/testnet.js'

const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 120)
const SEED = Number(process.env['CHAOS_SEED'] ?? randomInt(2 ** 31))
const PEERS = 8
const BACKOFFS = [100, 300, 1000, 3000]
const MOST_PAUSE_MS = 400
const HEAL_MS = 60_000

const topic = topicFrom(`chaos ${SEED}`)
type Testnet = Awaited<ReturnType<typeof createTestnet>>

/** One peer and its lives: the key stays, each life gets a new swarm. */
class Peer {
  readonly #testnet: Testnet
  readonly #seed: Uint8Array
  readonly doubles: string[] = []
  swarm: Swarm

  constructor(testnet: Testnet, index: number) {
    this.#testnet = testnet
    this.#seed = b4a.alloc(32, index + 1)
    this.swarm = this.#live()
  }

  get isAwake(): boolean {
    return !this.swarm.destroyed && !this.swarm.suspended
  }

  get remoteKeys(): string[] {
    return [...this.swarm.connections].map(({ remotePublicKey }) => b4a.toString(remotePublicKey, 'hex'))
  }

  /** Dies: forced, so that nothing is withdrawn from the DHT. */
  async kill(): Promise<void> {
    const { dht } = this.swarm
    await this.swarm.destroy({ force: true })
    await dht.destroy({ force: true })
    expectConsistent(this.swarm)
  }

  restart(): void {
    if (this.swarm.destroyed) this.swarm = this.#live()
  }

  /** What has to be done to heal the network. */
  async heal(): Promise<void> {
    this.restart()
    await this.swarm.resume()
    // Peers found while others were down may still be in backoff: look again.
    await this.swarm.status(topic)?.refresh()
  }

  #live(): Swarm {
    const dht = this.#testnet.createNode()
    const swarm = new Swarm({ dht, seed: this.#seed, backoffs: BACKOFFS, jitter: 100 })
    swarm.on('connection', (connection) => {
      connection.on('error', () => {})
      if (new Set(this.remoteKeys).size !== swarm.connections.size) this.doubles.push(this.remoteKeys.join())
    })
    swarm.join(topic)
    return swarm
  }
}

function expectConsistent({ stats, connections, connecting }: Swarm): void {
  const { client, server } = stats.connects
  const ended = Object.values(stats.dials).reduce((sum, count) => sum + count, 0)
  expect(ended + connecting, 'each dial has one outcome').toBe(client.attempted)
  expect(stats.dials['OPENED'] ?? 0).toBe(client.opened)
  const failed = ended - client.opened
  expect(client.opened + server.opened - (client.closed - failed) - server.closed).toBe(connections.size)
}

test(`${PEERS} peers survive ${SECONDS} s of chaos, seed ${SEED}`, async () => {
  console.log(`CHAOS_SEED=${SEED} CHAOS_SECONDS=${SECONDS}`)
  const random = createRandom(SEED)
  const choose = <T>(among: readonly T[]): T | undefined => among[Math.floor(random() * among.length)]
  const testnet = await createTestnet(5, { host: '127.0.0.1' })
  onTestFinished(() => testnet.destroy())
  const peers = Array.from({ length: PEERS }, (_, index) => new Peer(testnet, index))
  onTestFinished(async () => {
    await Promise.all(peers.map(({ swarm }) => swarm.destroy()))
  })

  const done: Record<string, number> = {}
  const background: Promise<unknown>[] = []
  const actions: Record<string, (peer: Peer) => Promise<unknown> | undefined> = {
    kill: (peer) => (peer.swarm.destroyed ? undefined : peer.kill()),
    restart: (peer) => Promise.resolve(peer.restart()),
    suspend: (peer) => (peer.swarm.destroyed ? undefined : peer.swarm.suspend()),
    resume: (peer) => (peer.swarm.destroyed ? undefined : peer.swarm.resume()),
    killLink: (peer) => {
      choose([...peer.swarm.connections])?.destroy(new Error('chaos'))
      return undefined
    },
    flush: (peer) => (peer.swarm.destroyed ? undefined : peer.swarm.flush())
  }
  const names = ['kill', 'restart', 'restart', 'suspend', 'resume', 'resume', 'killLink', 'killLink', 'flush']
  const end = Date.now() + SECONDS * 1000
  while (Date.now() < end) {
    const name = choose(names) ?? 'flush'
    const peer = choose(peers)
    if (peer === undefined) break
    done[name] = (done[name] ?? 0) + 1
    const running = actions[name]?.(peer)
    if (running !== undefined) background.push(running)
    // The rhythm of the chaos; it waits for no condition.
    await new Promise<void>((resolve) => setTimeout(resolve, random() * MOST_PAUSE_MS))
  }
  console.log(done)

  await Promise.all(peers.map((peer) => peer.heal()))
  const isMesh = () => peers.every(({ swarm }) => swarm.connections.size === PEERS - 1)
  await until('a full mesh', isMesh, HEAL_MS).catch((error: Error) => {
    throw new Error(`${error.message}; connections: ${peers.map(({ swarm }) => swarm.connections.size)}`)
  })
  await Promise.all(background)
  await Promise.all(peers.map(({ swarm }) => swarm.flush()))
  await until('a mesh at rest', () => isMesh() && peers.every(({ swarm }) => swarm.connecting === 0), HEAL_MS)
  for (const peer of peers) {
    expect(new Set(peer.remoteKeys).size, 'one connection per peer').toBe(PEERS - 1)
    expect(peer.doubles, 'two connections with one peer').toEqual([])
    expectConsistent(peer.swarm)
  }
})
