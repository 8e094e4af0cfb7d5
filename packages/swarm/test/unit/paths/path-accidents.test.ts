/** Whatever happens to the paths of a connection, no byte is lost, repeated or reordered, as long as one path is left. */
import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { randomFrom } from '../../../../runtime/test/support/random.js'
import { turns, until } from '../../../../runtime/test/support/until.js'
import { FIRST_SPARE_ID } from '../../../src/paths/path.js'
import { addPath, type MemoryPath, pathPair, pathStreams } from '../../support/memory-paths.js'
import { readAll, writeAll } from '../../support/path-readings.js'

const MEBIBYTE = 1024 * 1024
const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1)
const MAX_DIRECT_PATHS = 4
/** More than any of these transfers takes. */
const MAX_STEPS = 5000
/** Longer than a direct path, and than a first one, may be silent. */
const DIRECT_SILENCE_MS = 12_000
const BASE_SILENCE_MS = 60_000

interface Base {
  close(): void
  swallow(): void
}

interface Direct {
  readonly id: number
  readonly pair: readonly [MemoryPath, MemoryPath]
}

/** What has happened to the paths of all these connections. */
const seen = new Set<string>()

/** A connection in memory, and what can happen to it. */
class Accidents {
  readonly clock = new FakeClock()
  readonly streams = pathStreams(this.clock)
  readonly readings = this.streams.ends.map(readAll)
  readonly #random: (below: number) => number
  readonly #direct: Direct[] = []
  #base: Base | null = {
    close: () => this.#oneOf(this.streams.rawStreams).destroy(this.#random(2) === 0 ? null : new Error('reset')),
    swallow: () => {
      for (const raw of this.streams.rawStreams) raw.isBlackHole = true
    }
  }
  #lastId = 0
  #lastSpareId = FIRST_SPARE_ID

  constructor(random: (below: number) => number) {
    this.#random = random
  }

  get isOver(): boolean {
    return this.readings.every(({ isClosed }) => isClosed)
  }

  /** Something, and then a while in which bytes are on their way. */
  async next(): Promise<void> {
    await this.#oneOf(this.#all)()
    await turns(1 + this.#random(20))
  }

  readonly #all: readonly (() => unknown)[] = [
    () => this.clock.advance(60),
    () => this.#changeAtWill(),
    () => this.#open(),
    () => this.#closeDirect(),
    () => this.#swallowDirect(),
    () => this.#readSlowly(),
    () => this.#loseBase(),
    () => this.#replaceBase(),
    () => this.#delayBase()
  ]

  #changeAtWill(): void {
    const id = this.#random(2) === 0 ? 0 : (this.#direct.at(this.#random(MAX_DIRECT_PATHS))?.id ?? 0)
    for (const end of this.streams.ends) if (this.#random(3) > 0) end.use(id)
  }

  async #open(): Promise<void> {
    if (this.#direct.length === MAX_DIRECT_PATHS) return
    const id = ++this.#lastId
    this.#direct.push({ id, pair: addPath(this.streams, id, this.#newPair()) })
    seen.add('opened')
    await until(() => this.isOver || this.streams.ends.every(({ activePathId }) => activePathId === id))
  }

  async #closeDirect(): Promise<void> {
    const path = this.#takeDirect()
    if (path === undefined) return
    this.#oneOf(path.pair).destroy()
    seen.add('closed')
    // Without a first path, the others could be lost before the loss of this one is known.
    if (this.#base === null || this.#random(2) === 0) await this.#whileUsed(path.id)
  }

  /** In one direction, or both: only the watch notices it. */
  async #swallowDirect(): Promise<void> {
    const path = this.#takeDirect()
    if (path === undefined) return
    for (const end of path.pair) end.isBlackHole = this.#random(3) > 0
    this.#oneOf(path.pair).isBlackHole = true
    seen.add('swallowed')
    await this.clock.advance(DIRECT_SILENCE_MS)
  }

  async #readSlowly(): Promise<void> {
    const end = this.#oneOf(this.streams.ends)
    end.pause()
    await turns(this.#random(40))
    await this.clock.advance(60)
    end.resume()
  }

  async #loseBase(): Promise<void> {
    const base = this.#base
    if (base === null || this.#direct.length === 0 || this.#random(3) > 0) return
    this.#base = null
    seen.add('base lost')
    if (this.#random(2) === 0) base.close()
    else {
      base.swallow()
      await this.clock.advance(BASE_SILENCE_MS)
    }
    await until(() => this.isOver || this.streams.ends.every(({ hasBase }) => !hasBase))
  }

  async #replaceBase(): Promise<void> {
    if (this.#base !== null || this.isOver) return
    const pair = addPath(this.streams, ++this.#lastSpareId, this.#newPair())
    seen.add('base replaced')
    await until(() => this.isOver || pair.every(({ isIdle }) => isIdle))
    this.#base = {
      close: () => this.#oneOf(pair).destroy(),
      swallow: () => {
        for (const end of pair) end.isBlackHole = true
      }
    }
  }

  /** What the first path brings in one direction comes late, perhaps after another path has brought it. */
  async #delayBase(): Promise<void> {
    const from = this.#oneOf(this.streams.rawStreams)
    const late: Uint8Array[] = []
    from.tamper = (bytes) => {
      late.push(bytes)
      return []
    }
    await turns(this.#random(30))
    if (this.#random(2) === 0) await this.#open()
    from.tamper = (bytes) => [bytes]
    for (const bytes of late) from.peer?.push(bytes)
    if (late.length > 0) seen.add('base delayed')
  }

  #newPair(): [MemoryPath, MemoryPath] {
    return pathPair(200 + this.#random(20_000), 1 + this.#random(20), () => 1 + this.#random(5))
  }

  /** A direct path that can be spared. */
  #takeDirect(): Direct | undefined {
    const spared = this.#base === null ? 1 : 0
    return this.#direct.length > spared ? this.#direct.splice(this.#random(this.#direct.length), 1)[0] : undefined
  }

  /** The message of the loss may be lost with another path: then only the watch notices it. */
  async #whileUsed(id: number): Promise<void> {
    while (!this.isOver && this.streams.ends.some(({ activePathId }) => activePathId === id))
      await this.clock.advance(100)
  }

  #oneOf<T>(all: readonly T[]): T {
    return all[this.#random(all.length)] as T
  }
}

test.each(SEEDS)('every byte arrives, once and in order (seed %i)', async (seed) => {
  const random = randomFrom(seed)
  const accidents = new Accidents(random)
  const { readings, streams } = accidents
  // One side ends earlier than the other, or at once: the connection is half closed for a while.
  const sizes = [MEBIBYTE / 2 + random(3 * MEBIBYTE), random(3) * random(MEBIBYTE)]
  const done = Promise.all(
    streams.ends.map((end, index) => writeAll(end, sizes[index] ?? 0, randomFrom(seed * 10 + index)))
  )
  for (let step = 0; !accidents.isOver; step++) {
    if (step === MAX_STEPS) throw new Error('the transfer does not end')
    await accidents.next()
  }
  expect(readings.map(({ error }) => error)).toEqual([null, null])
  expect([readings[1]?.digest(), readings[0]?.digest()]).toEqual(await done)
})

test('each kind of accident was among these', () => {
  expect([...seen].sort()).toEqual(['base delayed', 'base lost', 'base replaced', 'closed', 'opened', 'swallowed'])
})
