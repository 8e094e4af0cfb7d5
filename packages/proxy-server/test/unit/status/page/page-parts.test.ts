import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Report } from '../../../../src/status/index.js'
import { pointWith } from '../../../support/status/figures.js'

/** The parts of the page that need no browser. They are plain JavaScript, so their types are declared here. */
const load = (name: string) => import(new URL(`../../../../src/status/page/${name}.js`, import.meta.url).href)
const format = (await load('format')) as Record<'size' | 'rate' | 'duration' | 'number', (value: number) => string>
const { Series } = (await load('series')) as { Series: new () => TestedSeries }
const { refusalText, resetText } = (await load('reasons')) as Record<string, (reason: string) => string>

interface TestedSeries {
  readonly newestAt: number
  readonly span: [number, number]
  add(report: Pick<Report, 'historyMs' | 'intervalMs' | 'points'>): void
  times(): number[]
  column(name: string): (number | null)[]
}

const SECOND = 1000
const HOUR = 3600 * SECOND

/** A series with points at these times in milliseconds; each point's number of clients is its time. */
function seriesOf(...reports: number[][]): TestedSeries {
  const series = new Series()
  for (const times of reports) {
    const points = times.map((at) => pointWith({ at, clients: at }))
    series.add({ historyMs: 10_000, intervalMs: 1000, points })
  }
  return series
}

test.each([
  [0, '0 B'],
  [1023, '1,023 B'],
  [1024, '1.0 KiB'],
  [10 * 1024, '10 KiB'],
  [268435456, '256 MiB'],
  [1024 ** 2 * 1023.9, '1.0 GiB']
])('%i bytes of memory: %s', (bytes, text) => {
  expect(format.size(bytes)).toBe(text.replaceAll(' ', '\u00a0'))
})

test.each([
  [0, '0 B/s'],
  [999, '999 B/s'],
  [1000, '1.0 kB/s'],
  [9949, '9.9 kB/s'],
  [9950, '10 kB/s'],
  [999_999, '1.0 MB/s'],
  [87_654_321, '88 MB/s']
])('%i bytes a second: %s', (bytes, text) => {
  expect(format.rate(bytes)).toBe(text.replaceAll(' ', '\u00a0'))
})

test.each([
  [0, '0 s'],
  [59 * SECOND, '59 s'],
  [60 * SECOND, '1 min'],
  [61 * SECOND, '1 min 1 s'],
  [25 * HOUR + 59 * SECOND, '1 d 1 h'],
  [24 * HOUR + 59 * SECOND, '1 d'],
  [99 * 24 * HOUR + 23 * HOUR, '99 d 23 h'],
  [100 * 24 * HOUR + 23 * HOUR, '100 d'],
  [20_784 * 24 * HOUR, '20,784 d']
])('%i ms: %s', (durationMs, text) => {
  expect(format.duration(durationMs)).toBe(text.replaceAll(' ', '\u00a0'))
})

test('points are kept for as long as the plots reach back', () => {
  const series = seriesOf([1000, 2000], [], [3000, 12_500])
  expect(series.times().filter((seconds) => Number.isInteger(seconds))).toEqual([3])
  expect(series.newestAt).toBe(12_500)
  expect(series.column('clients').filter((value) => value !== null)).toEqual([3000, 12_500])
})

test('a gap is drawn as a gap', () => {
  expect(seriesOf([1000, 2000], [5000]).column('clients')).toEqual([1000, 2000, 5000])
  expect(seriesOf([1000, 2000], [5001]).column('clients')).toEqual([1000, 2000, null, 5001])
})

test('after the clock was set back, points of the future are gone', () => {
  expect(seriesOf([7000, 8000, 9000], [8500]).column('clients')).toEqual([7000, 8000, 8500])
})

test('the plots of a new server begin with its first point, but show at least a minute', () => {
  const series = new Series()
  const show = (at: number) => {
    series.add({ historyMs: 600_000, intervalMs: 1000, points: [pointWith({ at })] })
    return series.span
  }
  expect(show(1_000_000)).toEqual([940, 1000])
  expect(show(1_100_000)).toEqual([1000, 1100])
  expect(show(1_700_000)).toEqual([1100, 1700])
})

test('a reason without its own text is shown unchanged', () => {
  expect(refusalText?.('maxClients')).toBe('Too many clients')
  expect(refusalText?.('NO_PAYMENT')).toBe('NO_PAYMENT')
  expect(resetText?.('BUFFER_LIMIT')).toBe('Too many bytes waiting')
})

// An overloaded server listed "maxEventLoopDelayMs", beside reasons in plain words.
test('every limit whose refusals are counted has a text', () => {
  const folder = fileURLToPath(new URL('../../../../src/', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const sources = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
  const names = [...sources.matchAll(/(?:atLimit|countLimitHit)\(\s*'(\w+)'/g)].map(([, name = '']) => name)
  expect(new Set(names).size).toBeGreaterThan(10)
  expect(names.filter((name) => refusalText?.(name) === name)).toEqual([])
})
