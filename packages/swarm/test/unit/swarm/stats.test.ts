import { expect, test } from 'vitest'
import { createStats } from '../../../src/util/stats.js'

test('stats begin at zero, in hyperswarm’s shape plus our own counters', () => {
  const stats = createStats()
  expect(stats).toEqual({
    updates: 0,
    connects: { client: { opened: 0, closed: 0, attempted: 0 }, server: { opened: 0, closed: 0 } },
    bannedPeers: 0,
    dials: {},
    dedupDrops: 0,
    firewallRefusals: 0,
    limitRefusals: 0,
    notMembers: 0,
    malformedHandshakes: 0,
    unconfirmed: 0,
    direct: { current: 0, bytesSent: 0, attempts: 0, opened: 0, failed: 0, lost: 0, regained: 0, refused: 0 },
    queries: { inFlight: 0, queued: 0, total: 0, relookups: 0, failed: 0 }
  })
  expect(createStats().dials).not.toBe(stats.dials)
})
