/** The defaults stated in doc comments, and so in the reference, match the code. */

import { DEFAULT_SERVER_LIMITS } from '@swarmway/proxy-server'
import { describe, expect, test } from 'vitest'
import { settleUplink } from '../../packages/proxy-client/src/verify-options.ts'
import {
  CLIENT_NOTICES,
  CLIENT_REQUESTS,
  type NoticeTable,
  SERVER_NOTICES,
  SERVER_REQUESTS
} from '../../packages/proxy-protocol/src/control/index.ts'
import { DEFAULT_LIMITS } from '../../packages/proxy-protocol/src/limits.ts'
import { settle as settleServer } from '../../packages/proxy-server/src/options.ts'
import { settleListen } from '../../packages/proxy-server/src/websocket/options.ts'
import { MDNS } from '../../packages/swarm/src/lan/options.ts'
import { settle as settleSwarm } from '../../packages/swarm/src/swarm/options.ts'
import { fieldsOf } from '../../scripts/docs/reference/source.ts'

/** The defaults in the code, by the interface that documents them. */
const FILLED_IN: Readonly<Record<string, readonly [file: string, defaults: object]>> = {
  CoreOptions: ['swarm/src/swarm/options.ts', settleSwarm({})],
  LanOptions: ['swarm/src/lan/options.ts', { multicastPort: MDNS.port, multicastAddress: MDNS.address }],
  ProxyClientOptions: ['proxy-client/src/options.ts', settleUplink({ connection: null })],
  ProxyServerOptions: ['proxy-server/src/options.ts', settleServer({})],
  ListenOptions: ['proxy-server/src/websocket/options.ts', settleListen({})],
  ClientLimits: ['proxy-server/src/limits.ts', DEFAULT_SERVER_LIMITS],
  ServerLimits: ['proxy-server/src/limits.ts', DEFAULT_SERVER_LIMITS],
  ProtocolLimits: ['proxy-protocol/src/limits.ts', DEFAULT_LIMITS]
}

/** Options whose default is not among those, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'CoreOptions.backoffs': 'drawn at random above what is stated',
  'CoreOptions.handshakeClearWait': "HyperDHT's",
  'CoreOptions.random': 'a function',
  'CoreOptions.clock': 'an object',
  'ProxyClientOptions.keepAliveMs': 'filled in by the constructor',
  'ProxyServerOptions.port': "HyperDHT's",
  'ListenOptions.port': 'filled in where it is bound'
}

const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2 }

const stated = Object.entries(FILLED_IN).flatMap(([name, [file, defaults]]) =>
  fieldsOf(`packages/${file}`, name)
    .filter(({ path, doc }) => doc.default !== null && parsed(doc.default) !== null && !(path in ELSEWHERE))
    .map(({ path, name: option, doc }) => ({ path, option, said: doc.default ?? '', defaults }))
)

describe('the default of', () => {
  test.each(stated)('$path is $said', ({ option, said, defaults }) => {
    expect((defaults as Record<string, unknown>)[option]).toBe(parsed(said))
  })
})

test('most defaults are compared', () => {
  expect(stated.length).toBeGreaterThan(50)
})

test('the limits of the operations in the table of the protocol are limits of a server', () => {
  const tables: NoticeTable[] = [CLIENT_REQUESTS, CLIENT_NOTICES, SERVER_REQUESTS, SERVER_NOTICES]
  const names = tables.flatMap((table) => Object.values(table).flatMap(({ limits }) => limits))
  expect(names).toContain('maxKeys')
  expect(Object.keys(DEFAULT_SERVER_LIMITS)).toEqual(expect.arrayContaining(names))
})

/** The value at the start of a statement: a number with or without a unit, a boolean, a string. Null for words. */
function parsed(statement: string): unknown {
  if (statement === 'true' || statement === 'false') return statement === 'true'
  if (statement === 'Infinity') return Number.POSITIVE_INFINITY
  const quoted = /^"(.*)"$/.exec(statement)?.[1]
  if (quoted !== undefined) return quoted
  const address = /^\d+\.\d+\.\d+\.\d+/.exec(statement)?.[0]
  if (address !== undefined) return address
  const [, digits, unit = ''] = /^(\d[\d,]*)(?: (KiB|MiB))?\b/.exec(statement) ?? []
  return digits === undefined ? null : Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1)
}
