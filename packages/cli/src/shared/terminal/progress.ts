import { formatBytes, formatDuration } from './format.js'

/** Milliseconds over which the rate is averaged. */
const RATE_WINDOW_MS = 5000
const BAR_LETTERS = 24
const GAP = '  '

/** The progress of a transfer. */
export interface Progress {
  readonly doneBytes: number
  readonly totalBytes: number
  readonly bytesPerSecond: number
}

/** Counts bytes and measures their rate. */
export class ProgressMeter {
  #totalBytes: number
  readonly #now: () => number
  #doneBytes: number
  /** Samples within the window: when, and how much was done. */
  #samples: { atMs: number; doneBytes: number }[]

  /** `presentBytes` were already there. */
  constructor(totalBytes: number, presentBytes: number, now: () => number = () => performance.now()) {
    this.#totalBytes = totalBytes
    this.#now = now
    this.#doneBytes = presentBytes
    this.#samples = [{ atMs: now(), doneBytes: presentBytes }]
  }

  get totalBytes(): number {
    return this.#totalBytes
  }

  /** There is more to do than was known, or less. */
  expect(bytes: number): void {
    this.#totalBytes += bytes
  }

  add(bytes: number): void {
    this.#doneBytes = Math.min(this.#totalBytes, this.#doneBytes + bytes)
  }

  read(): Progress {
    const atMs = this.#now()
    this.#samples.push({ atMs, doneBytes: this.#doneBytes })
    while (this.#samples.length > 2 && atMs - (this.#samples[0]?.atMs ?? atMs) > RATE_WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0] ?? { atMs, doneBytes: this.#doneBytes }
    const seconds = (atMs - first.atMs) / 1000
    const bytesPerSecond = seconds > 0 ? (this.#doneBytes - first.doneBytes) / seconds : 0
    return { doneBytes: this.#doneBytes, totalBytes: this.#totalBytes, bytesPerSecond }
  }
}

/** Whole per cent; 100 only when everything is there. */
export function percentOf({ doneBytes, totalBytes }: Progress): number {
  return totalBytes === 0 ? 100 : Math.floor((100 * doneBytes) / totalBytes)
}

/** "45%  9.1 MB of 20.0 MB  3.2 MB/s  4 s left"; the last of these only if there are `columns` for them. */
export function progressText(progress: Progress, columns = Number.POSITIVE_INFINITY): string {
  const [first = '', ...others] = figuresOf(progress)
  let text = first
  for (const figure of others) {
    // A figure that is cut is another figure.
    if (text.length + GAP.length + figure.length > columns) break
    text += `${GAP}${figure}`
  }
  return text
}

function figuresOf(progress: Progress): string[] {
  const { bytesPerSecond, doneBytes, totalBytes } = progress
  const figures = [`${percentOf(progress)}%`, `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`]
  if (doneBytes === totalBytes) return figures
  figures.push(`${formatBytes(Math.round(bytesPerSecond))}/s`)
  if (bytesPerSecond > 0) figures.push(`${formatDuration(((totalBytes - doneBytes) / bytesPerSecond) * 1000)} left`)
  return figures
}

/** "[=========>              ]" */
export function progressBar(progress: Progress): string {
  const filled = Math.floor((percentOf(progress) * BAR_LETTERS) / 100)
  const head = filled < BAR_LETTERS ? '>' : ''
  return `[${('='.repeat(filled) + head).padEnd(BAR_LETTERS)}]`
}
