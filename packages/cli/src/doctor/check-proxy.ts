import { randomBytes } from 'node:crypto'
import { type Connection, codeOf, createGroup, type SwarmCore } from '@swarmway/swarm/core'
import { CliError } from '../shared/errors/cli-error.js'
import { EXIT } from '../shared/errors/exit-codes.js'
import { openNetwork } from '../shared/network/open.js'
import type { NetworkOptions } from '../shared/network/options.js'
import { connectTo } from '../shared/network/proxied.js'
import { shownUrl } from '../shared/network/shown-url.js'
import type { Network } from '../shared/network/types.js'
import { formatBytes } from '../shared/terminal/format.js'
import { checkDirect } from './check-direct.js'
import type { Finding } from './finding.js'
import { answerSpeed, measureSpeed } from './speed.js'

/** Number of bytes sent through the server to measure its speed. */
const TOTAL_BYTES = 4 * 1024 * 1024
/** Milliseconds for two clients to meet and transfer the bytes. */
const DEADLINE_MS = 30_000

/** Checks whether a proxy server admits us, has a DHT, and carries data between two clients, and measures how fast. */
export async function checkProxy(
  url: string,
  token: string | undefined,
  isRandomized: boolean,
  signal: AbortSignal
): Promise<Finding[]> {
  const options: NetworkOptions = { proxy: [url], token }
  // The two form a group, so that no other peer is measured.
  const group = createGroup()
  const networks = [await openNetwork(options, { group }), await openNetwork(options, { group })] as const
  const end = () => Promise.all(networks.map((network) => network.destroy()))
  signal.addEventListener('abort', end, { once: true })
  try {
    const found = await examine(shownUrl(url), connectTo([url])[0]?.httpProxy ?? null, networks)
    if (found.some(({ level }) => level === 'fail')) return found
    return [...found, await checkDirect({ stunUrl: networks[0].swarm.dht.stunUrl ?? null, isRandomized })]
  } finally {
    signal.removeEventListener('abort', end)
    await end()
  }
}

async function examine(
  url: string,
  httpProxy: string | null,
  networks: readonly [Network, Network]
): Promise<Finding[]> {
  const began = performance.now()
  try {
    await Promise.all(networks.map((network) => network.ready()))
  } catch (error) {
    return [refused(error, httpProxy)]
  }
  const elapsedMs = Math.round(performance.now() - began)
  const reached: Finding = {
    check: 'proxy',
    level: 'ok',
    text: `The proxy server ${url} accepts us after ${elapsedMs} ms${via(httpProxy)}.`,
    data: { url, elapsedMs, ...shown(httpProxy) }
  }
  const [a, b] = networks
  return [reached, await dhtBehind(url, a.swarm), await carries(url, a.swarm, b.swarm)]
}

function refused(error: unknown, httpProxy: string | null): Finding {
  const known = error instanceof CliError ? error : new CliError(String(error))
  // The hint of the other commands is to run the doctor.
  const isServer = known.exitCode === EXIT.unreachable && known.hint?.includes('doctor')
  const hint = isServer ? `Check the URL, and check that the server is running${via(httpProxy)}.` : known.hint
  return { check: 'proxy', level: 'fail', text: known.message, hint, exitCode: known.exitCode, data: shown(httpProxy) }
}

function shown(httpProxy: string | null): { httpProxy?: string } {
  return httpProxy === null ? {} : { httpProxy }
}

function via(httpProxy: string | null): string {
  return httpProxy === null ? '' : `, through the HTTP proxy ${httpProxy} of the environment`
}

async function dhtBehind(url: string, swarm: SwarmCore): Promise<Finding> {
  try {
    // The server might answer for a topic without the DHT, but not for a record.
    await swarm.dht.immutableGet(randomBytes(32))
    return { check: 'proxy', level: 'ok', text: 'It looks peers up in the DHT for us.', data: { url, hasDht: true } }
  } catch (error) {
    const data = { url, hasDht: false }
    if (codeOf(error, '') !== 'DHT_OFF') return { ...NO_LOOKUP, data }
    const text = 'It has no DHT: it only connects its own clients to each other.'
    return { check: 'proxy', level: 'note', text, data }
  }
}

const NO_LOOKUP: Finding = {
  check: 'proxy',
  level: 'note',
  text: 'It cannot reach the DHT now: only its own clients find each other.',
  hint: 'Its operator can find the cause by running "swarmway doctor" on that machine.'
}

async function carries(url: string, a: SwarmCore, b: SwarmCore): Promise<Finding> {
  try {
    const connection = await withinDeadline(meet(a, b))
    const { bytesPerSecond, roundTripMs } = await withinDeadline(measureSpeed(connection, TOTAL_BYTES))
    const rate = formatBytes(Math.round(bytesPerSecond))
    const text = `Two of its clients can connect: ${roundTripMs.toFixed(1)} ms round trip, ${rate} per second.`
    return { check: 'proxy', level: 'ok', text, data: { url, roundTripMs, bytesPerSecond } }
  } catch (error) {
    return { ...CARRIES_NOTHING, text: `${CARRIES_NOTHING.text}: ${error instanceof Error ? error.message : error}.` }
  }
}

const CARRIES_NOTHING: Finding = {
  check: 'proxy',
  level: 'fail',
  text: 'Two of its clients cannot connect to each other',
  hint: 'It may have reached its limits; its operator can see refusals in its log and metrics.',
  exitCode: EXIT.broken
}

/** Our end of a connection between two swarms that no other peer joins. */
function meet(a: SwarmCore, b: SwarmCore): Promise<Connection> {
  const topic = new Uint8Array(randomBytes(32))
  return new Promise((resolve) => {
    a.once('connection', resolve)
    b.once('connection', (connection) => answerSpeed(connection, TOTAL_BYTES))
    a.join(topic, { client: true, server: false })
    b.join(topic, { client: false, server: true })
  })
}

async function withinDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came through in ${DEADLINE_MS / 1000} s`)), DEADLINE_MS)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
