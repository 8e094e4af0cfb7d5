import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type DuplexLike, encodeFrame, FRAME, FrameDecoder } from '@swarmway/proxy-protocol'
import b4a from 'b4a'
import { expect } from 'vitest'
import type { ProxyServer } from '../../../proxy-server/src/index.js'
import { randomFrom } from '../../../runtime/test/support/random.js'
import { turns, until } from '../../../runtime/test/support/until.js'
import { FrameMaker } from './frames.js'
import { connectionBetween, createRig, type Testnet } from './rig.js'
import { wire } from './wire.js'

const WORKERS = 4
const MOST_PER_LINK = 20
const MIB = 1024 * 1024
/** Heap growth after garbage collection that a run may leave behind: compiled code, caches of the runtime. */
const HEAP_GROWTH_BYTES = 16 * MIB
/** Frames of others that the server may read before it delivers an honest client's echo. */
const MOST_FRAMES_AN_ECHO = 500

/** Codes with which a server may end a client that misbehaves. `INTERNAL` must not be among them. */
const TYPED = ['PROTOCOL_ERROR', 'FRAME_TOO_LARGE', 'NOT_A_PROXY', 'VERSION_MISMATCH', 'LIMIT', 'RATE_LIMIT']

/** The result of a run. */
export interface FuzzReport {
  /** Frames that the server has read. */
  frames: number
  links: number
  echoes: number
  /** Frames that the server has read while an echo was on its way. */
  mostFramesAnEcho: number
  heapGrowthBytes: number
  codes: Record<string, number>
}

/** Sends a server `frames` frames while two honest clients of it talk, and checks that these are not affected. */
export async function fuzz(frames: number, seed: number, testnet: Testnet | null): Promise<FuzzReport> {
  const rig = await createRig({ testnet, server: { graceMs: 50 } })
  const report: FuzzReport = { frames: 0, links: 0, echoes: 0, mostFramesAnEcho: 0, heapGrowthBytes: 0, codes: {} }
  const [a, b] = [rig.createSwarm(), rig.createSwarm()]
  await b.listen()
  await a.connect(b.keyPair.publicKey)
  const [near, far] = await connectionBetween(a, b)
  far.on('data', (chunk) => far.write(chunk))
  let isOver = false
  const talking = converse(near, report, () => isOver)
  const run = (count: number) => attack(rig.server, count, randomFrom(seed), report)
  await run(frames / 10)
  const before = await restingHeap(rig.server)
  await run(frames - frames / 10)
  report.heapGrowthBytes = (await restingHeap(rig.server)) - before
  isOver = true
  await talking
  expect([near.destroying, far.destroying, a.connected, b.connected]).toEqual([false, false, true, true])
  expect(rig.server.stats).toMatchObject({ clients: 2, attached: 2, streams: 2, topics: 0, bufferedBytes: 0 })
  expect(report.heapGrowthBytes).toBeLessThan(HEAP_GROWTH_BYTES)
  expect(report.mostFramesAnEcho).toBeLessThan(MOST_FRAMES_AN_ECHO)
  return report
}

type Connection = Awaited<ReturnType<typeof connectionBetween>>[0]

/** Sends numbers, each when the one before has come back. */
async function converse(connection: Connection, report: FuzzReport, isOver: () => boolean): Promise<void> {
  const answers = connection[Symbol.asyncIterator]()
  while (!isOver()) {
    const { frames } = report
    const text = `number ${report.echoes++}`
    connection.write(b4a.from(text))
    const { value } = await answers.next()
    expect(b4a.toString(value as Uint8Array)).toBe(text)
    report.mostFramesAnEcho = Math.max(report.mostFramesAnEcho, report.frames - frames)
    await turns(5)
  }
}

async function attack(server: ProxyServer, frames: number, random: (below: number) => number, report: FuzzReport) {
  const end = report.frames + frames
  const work = async () => {
    const maker = new FrameMaker(random)
    while (report.frames < end) {
      const { code, framesRead } = await offend(server, maker.link(1 + random(MOST_PER_LINK)), random)
      report.frames += framesRead
      report.links++
      report.codes[code] = (report.codes[code] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work))
}

/** Runs one link. Resolves to the code with which the server ended it, or to `left` if it did not. Checks the code. */
async function offend(server: ProxyServer, sent: ReturnType<FrameMaker['link']>, random: (below: number) => number) {
  const [near, far] = wire()
  const { closed, link } = server.handleStream(far as unknown as DuplexLike)
  const seen = new Set<number>()
  const decoder = new FrameDecoder(1 << 20, (type) => seen.add(type))
  near.on('data', (chunk) => decoder.push(chunk as Uint8Array))
  const isAnswered = (type: number) => link.error !== null || seen.has(type)
  const { first, rest } = sent
  near.write(b4a.concat(first))
  if (rest.length > 0) {
    await patience(() => isAnswered(FRAME.WELCOME))
    near.write(b4a.concat(rest))
  }
  // Ends with a truncated frame, or with a ping that is answered once everything before it has been read.
  if (random(5) === 0) near.write(truncated(random))
  else near.write(PING)
  await patience(() => isAnswered(FRAME.PONG))
  // The final frame is already on its way when the server has ended the link.
  await patience(() => link.error === null || near.destroying || seen.has(FRAME.DENIED) || seen.has(FRAME.GOODBYE))
  const { error, framesIn: framesRead } = link
  near.destroy()
  await closed
  if (error === null || error.remote || error.code === 'LINK_CLOSED') return { code: 'left', framesRead }
  expect(TYPED).toContain(error.code)
  expect(seen.has(FRAME.DENIED) || seen.has(FRAME.GOODBYE), `final frame, ${error.code}: ${error.message}`).toBe(true)
  return { code: error.code, framesRead }
}

const PING = encodeFrame(FRAME.PING, b4a.alloc(4, 255))

/** A frame that claims to be longer than it is. */
function truncated(random: (below: number) => number): Uint8Array {
  const frame = encodeFrame(random(256), b4a.alloc(1 + random(200)))
  return frame.subarray(0, 1 + random(frame.byteLength - 1))
}

/** Waits some turns for a condition: a server that waits for the rest of a frame rightly does not answer. */
async function patience(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 40 && !condition(); turn++) await turns(1)
}

/** Bytes of the heap, once everything that has ended is released. */
async function restingHeap(server: ProxyServer): Promise<number> {
  await until('only the honest clients to be left', () => server.stats.clients === 2 && server.stats.greetings === 0)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 4; i++) {
    await turns(20)
    collect()
  }
  return process.memoryUsage().heapUsed
}
