/** All exported options, events and limits are in the reference. */
import { describe, expect, test } from 'vitest'
import { OUTLINES } from '../../scripts/docs/reference/outlines.ts'
import { readText } from '../../scripts/docs/root.ts'

const ENTRIES = [
  'swarm/src/index.ts',
  'swarm/src/core.ts',
  'proxy-client/src/index.ts',
  'proxy-server/src/index.ts',
  'proxy-server/src/websocket/index.ts',
  'proxy-server/src/status/index.ts'
]

/** Not for users of the packages: for those who bring a DHT node, a connection or an emitter of their own. */
const NOT_SHOWN = new Set(['AnyEvents', 'ConnectionEvents', 'PeerDiscoveryEvents'])

const shown = new Set(OUTLINES.flatMap(({ sections }) => sections.flatMap(({ from }) => from.map(([, name]) => name))))
const exported = ENTRIES.flatMap((entry) =>
  [...readText(`packages/${entry}`).matchAll(/\b[A-Z]\w*(?:Options|Events|Limits|Stats)\b/g)].map(([name]) => name)
)

describe('the reference shows', () => {
  test.each([...new Set(exported)].filter((name) => !NOT_SHOWN.has(name)))('%s', (name) => {
    expect(shown).toContain(name)
  })
})
