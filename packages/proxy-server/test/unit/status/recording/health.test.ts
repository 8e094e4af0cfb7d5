import { expect, test } from 'vitest'
import type { Snapshot } from '../../../../src/status/index.js'
import { type Evidence, judge } from '../../../../src/status/recording/health.js'
import { figures, pointWith } from '../../../support/status/figures.js'

type Given = Partial<Omit<Evidence, 'snapshot'>> & { snapshot?: Partial<Snapshot> }

function lines({ snapshot, ...given }: Given): string[] {
  const evidence = { refusals: {}, resets: {}, points: [], ...given, snapshot: figures(snapshot) }
  return judge(evidence).lines.map(({ level, text }) => `${level}: ${text}`)
}

const slow = pointWith({ loopDelayMs: 1300 })
const somewhat = pointWith({ loopDelayMs: 260 })
const noticed = pointWith({ loopDelayMs: 400 })
const quick = pointWith({ loopDelayMs: 20 })

test.each<[Given, string]>([
  [{}, 'well: All well'],
  [{ snapshot: { clients: 89 } }, 'well: All well'],
  [{ snapshot: { clients: 95 } }, 'warning: Nearly full: 95 of at most 100 clients'],
  [{ snapshot: { clients: 100 } }, 'warning: Full: 100 of at most 100 clients'],
  [
    { snapshot: { clients: 1000, maxClients: 1000 }, refusals: { maxClients: 1037 } },
    'alarm: Refusing clients: 1,037 in the last minute, the limit is 1,000'
  ],
  [{ refusals: { maxGreetings: 2 } }, 'alarm: Refusing clients: 2 in the last minute, too many are connecting at once'],
  [{ refusals: { maxEventLoopDelayMs: 4 } }, 'alarm: Refusing clients: 4 in the last minute, the server is overloaded'],
  [{ snapshot: { bufferedBytes: 749 } }, 'well: All well'],
  [{ snapshot: { bufferedBytes: 750 } }, 'warning: Buffers 75 % full. At 100 % the fullest streams are reset.'],
  [{ snapshot: { bufferedBytes: 929 } }, 'alarm: Buffers 92 % full. At 100 % the fullest streams are reset.'],
  [{ snapshot: { rssBytes: 950 } }, 'alarm: Memory 95 % full. At 100 % the system may kill the server.'],
  [
    { snapshot: { dht: { nodes: 1, online: 0, firewalled: 1 } } },
    'alarm: DHT offline: clients find only peers on this server'
  ],
  [{ snapshot: { dht: { nodes: 4, online: 3, firewalled: 0 } } }, 'warning: DHT offline in 1 of 4 processes'],
  [{ snapshot: { dht: { nodes: 0, online: 0, firewalled: 0 } } }, 'well: All well'],
  [{ points: [slow, slow, slow, slow, slow, quick, quick, quick, somewhat, quick] }, 'well: All well'],
  [{ points: [quick, slow, quick, quick, quick] }, 'well: All well'],
  [{ points: [quick, quick, somewhat, quick, somewhat] }, 'warning: Overloaded: requests wait for up to 260 ms'],
  [{ points: [quick, quick, quick, quick, noticed] }, 'warning: Overloaded: requests wait for up to 400 ms'],
  [{ points: [quick, quick, slow, slow, slow] }, 'warning: Overloaded: requests wait for up to 1,300 ms'],
  [{ refusals: { AUTH_TIMEOUT: 3 } }, 'warning: Authentication is too slow: clients refused 3 in the last minute'],
  [{ refusals: { AUTH_DENIED: 300, maxDials: 50 } }, 'well: All well'],
  [{ resets: { BUFFER_LIMIT: 4 } }, 'warning: Streams reset because too many bytes waited: 4 in the last minute'],
  [{ resets: { STREAM_RESET: 400 } }, 'well: All well']
])('%o: %s', (given, expected) => {
  expect(lines(given)).toEqual([expected])
})

test('the worst comes first', () => {
  const snapshot = { clients: 95, dht: { nodes: 1, online: 0, firewalled: 0 } }
  expect(lines({ snapshot, resets: { BUFFER_LIMIT: 1 } })).toEqual([
    expect.stringContaining('alarm: DHT'),
    expect.stringContaining('warning: Nearly full'),
    expect.stringContaining('warning: Streams reset')
  ])
})
