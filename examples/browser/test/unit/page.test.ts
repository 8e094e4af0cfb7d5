import { expect, test } from 'vitest'
import { allowsDirect, defaultProxy, readHash, splitUrls, writeHash } from '../../page/address.ts'
import { count, formatBytes, formatRate, shorten } from '../../page/format.ts'
import { CENTRE, dashSeconds, HEIGHT, lineTo, MAX_SHOWN, placesOf, RING_RADIUS, WIDTH } from '../../page/layout.ts'
import { afterDisconnect, answersHttp, describeLink, speakLink } from '../../page/link.ts'
import { TrafficMeter } from '../../room/traffic.ts'

test('an invitation link holds the name, and the proxies unless they are the default', () => {
  expect(writeHash({ name: 'tea at four?', proxies: [] })).toBe('#tea%20at%20four%3F')
  const special = { name: 'tea & cake', proxies: ['wss://a.example/swarm', 'wss://b.example'] }
  expect(readHash(writeHash(special))).toEqual(special)
})

test('a link written by hand is read leniently', () => {
  expect(readHash('#tea at four')).toEqual({ name: 'tea at four', proxies: [] })
  expect(readHash('#100%')).toEqual({ name: '100%', proxies: [] })
  expect(readHash('')).toBe(null)
  expect(readHash('#%20?proxy=wss://a')).toBe(null)
})

test("the default proxy is on the page's own server", () => {
  expect(defaultProxy({ protocol: 'https:', host: 'a.example' })).toBe('wss://a.example/swarm')
  expect(defaultProxy({ protocol: 'http:', host: 'localhost:5173' })).toBe('ws://localhost:5173/swarm')
  expect(splitUrls(' wss://a, wss://b\nwss://c ')).toEqual(['wss://a', 'wss://b', 'wss://c'])
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [9949, '9.9 kB'],
  [9960, '10 kB'],
  [999_999, '1.0 MB'],
  [52_428_800, '52 MB'],
  [5e12, '5000 GB']
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text)
})

test('counts with their nouns', () => {
  expect(['Ada', 'Ada Lovelace'].map((name) => shorten(name, 6))).toEqual(['Ada', 'Ada L…'])
  expect(formatRate(1_400_000)).toBe('1.4 MB/s')
  expect([0, 1, 2].map((n) => count(n, 'peer'))).toEqual(['0 peers', '1 peer', '2 peers'])
})

test.each(Array.from({ length: 16 }, (_, i) => i + 1))(
  '%d peers fit in the picture, outside the ring and apart from each other',
  (n) => {
    const places = placesOf(n)
    for (const { x, y } of places) {
      expect(Math.min(x, y, WIDTH - x, HEIGHT - y)).toBeGreaterThan(20)
      expect(Math.hypot(x - CENTRE.x, y - CENTRE.y)).toBeGreaterThan(RING_RADIUS + 17)
    }
    const gaps = places.flatMap((a, i) => places.slice(i + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y)))
    expect(Math.min(Number.POSITIVE_INFINITY, ...gaps)).toBeGreaterThan(30)
  }
)

test.each([17, 20, 33, 47, MAX_SHOWN])('%d small peers fit in the picture and do not touch each other', (n) => {
  const places = placesOf(n)
  expect(places).toHaveLength(n)
  for (const { x, y } of places) {
    expect(Math.min(x, y, WIDTH - x, HEIGHT - y)).toBeGreaterThan(10)
    expect(Math.hypot(x - CENTRE.x, y - CENTRE.y)).toBeGreaterThan(RING_RADIUS + 8)
  }
  const gaps = places.flatMap((a, i) => places.slice(i + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y)))
  expect(Math.min(...gaps)).toBeGreaterThan(17)
})

// A screen reader once said "Next try in 1795695119 s": the clock instead of the time left.
test('what is spoken about the link holds no time', () => {
  const down = afterDisconnect('LINK_LOST', 4000, 1e9, true)
  expect(describeLink(down, 1e9)).toBe('Connection lost. Next try in 4 s')
  expect(speakLink(down)).toBe('Connection lost. Trying again automatically.')
  expect(speakLink({ status: 'connected' })).toBe('Connected')
})

test('a server that is not a proxy server is told apart from one that does not answer', async () => {
  const asked: string[] = []
  const answers = async (url: unknown) => {
    asked.push(String(url))
    return new Response()
  }
  expect(await answersHttp('wss://other.example/swarm', answers)).toBe(true)
  expect(asked).toEqual(['https://other.example/swarm'])
  expect(await answersHttp('wss://away.example', () => Promise.reject(new TypeError('Failed to fetch')))).toBe(false)
  const other = { status: 'waiting', retryAtMs: 0, hasBeenUp: false, isOther: true } as const
  expect(describeLink(other, 0)).toContain('no proxy server answers')
  expect(describeLink({ ...other, isOther: false }, 0)).toContain('does not answer')
})

test('a line runs from the ring to the dot, and the moving dashes run beside it', () => {
  const place = { x: CENTRE.x + 100, y: CENTRE.y }
  expect(lineTo(place, 10)).toEqual({ from: { x: CENTRE.x + 46, y: CENTRE.y }, to: { x: place.x - 10, y: CENTRE.y } })
  expect(lineTo(place, 10, 4).from.y).toBe(CENTRE.y + 4)
  expect(lineTo(place, 10, -4).to.y).toBe(CENTRE.y - 4)
})

test('dashes move faster with more traffic, and stand still without any', () => {
  const seconds = [1, 1000, 1e6, 1e9].map(dashSeconds) as number[]
  expect(dashSeconds(0)).toBe(null)
  expect(seconds).toEqual([...seconds].sort((a, b) => b - a))
  expect(seconds.at(-1)).toBeGreaterThanOrEqual(0.35)
})

test('the state of the link in words', () => {
  expect(describeLink({ status: 'connected' }, 0)).toBe('Connected')
  expect(describeLink(afterDisconnect('LINK_CLOSED', 2500, 1000, true), 1000)).toBe('Connection lost. Next try in 3 s')
  expect(describeLink(afterDisconnect('LINK_CLOSED', 2500, 1000, true), 4000)).toBe('Connection lost. Trying…')
  expect(describeLink(afterDisconnect('LINK_CLOSED', 900, 0, false), 0)).toMatch(/^The proxy server does not answer/)
  expect(describeLink(afterDisconnect('AUTH_DENIED', null, 0, false), 0)).toBe('The proxy server denied access.')
  expect(describeLink(afterDisconnect('SOMETHING', null, 0, false), 0)).toMatch('SOMETHING')
})

test('traffic is a smoothed figure per second, and zero when there are only keep-alives', () => {
  const meter = new TrafficMeter({ inBytes: 100, outBytes: 0 }, 1000)
  meter.measure({ inBytes: 2100, outBytes: 0 }, 2000)
  expect(meter.rate).toEqual({ inBytes: 1000, outBytes: 0 })
  meter.measure({ inBytes: 3100, outBytes: 400 }, 2500)
  expect(meter.rate).toEqual({ inBytes: 1500, outBytes: 400 })
  for (let ms = 3500; ms < 15_000; ms += 1000) meter.measure({ inBytes: 3100, outBytes: 400 + ms / 50 }, ms)
  expect(meter.rate).toEqual({ inBytes: 0, outBytes: 0 })
})

test('direct paths are switched off in the address', () => {
  expect([allowsDirect(''), allowsDirect('?direct=off'), allowsDirect('?direct=on')]).toEqual([true, false, true])
})
