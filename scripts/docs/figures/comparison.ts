/** The tables of the README: Swarmway beside what it replaces, including where it is worse. */
import { circumstances, median } from './results.ts'

interface Row {
  readonly label: string
  readonly benchmark: string
  readonly measure: string
  /** Swarmway's column in the results. Default: swarmway. */
  readonly ours?: string
  readonly unit: string
  readonly better: 'more' | 'less'
}

const BESIDE_HYPERSWARM: readonly Row[] = [
  {
    label: '32 peers join a topic at the same moment: pairs connected after 15 s, of 992',
    benchmark: 'mesh',
    measure: 'connected at the end',
    unit: '',
    better: 'more'
  },
  {
    label: '150 peers join in one process: until they are one network',
    benchmark: 'mesh',
    measure: '150 peers: one component, each with 10 or more',
    unit: 's',
    better: 'less'
  },
  {
    label: '1,000 topics announced',
    benchmark: 'announce',
    measure: 'until all are flushed',
    unit: 's',
    better: 'less'
  },
  {
    label: '60 peers dialled, 50 ms away',
    benchmark: 'dial',
    measure: '50 ms round trip: all 60',
    unit: 's',
    better: 'less'
  },
  { label: '60 peers dialled, on loopback', benchmark: 'dial', measure: 'loopback: all 60', unit: 's', better: 'less' },
  { label: 'transfer on one connection', benchmark: 'transfer', measure: 'throughput', unit: 'MB/s', better: 'more' },
  {
    label: 'heap per idle connection',
    benchmark: 'memory',
    measure: 'per connection: heap',
    unit: 'kB',
    better: 'less'
  },
  { label: 'heap per joined topic', benchmark: 'memory', measure: 'per topic: heap', unit: 'kB', better: 'less' }
]

const BESIDE_DHT_RELAY: readonly Row[] = [
  {
    label: '500 clients look for a peer on one topic',
    benchmark: 'proxy-crowd',
    measure: 'all 500',
    unit: 's',
    better: 'less'
  },
  {
    label: 'transfer, native peer to client',
    benchmark: 'proxy-throughput',
    measure: 'native to client',
    unit: 'MB/s',
    better: 'more'
  },
  {
    label: 'transfer, client to native peer',
    benchmark: 'proxy-throughput',
    measure: 'client to native',
    unit: 'MB/s',
    better: 'more'
  },
  {
    label: 'transfer between two clients of one server',
    benchmark: 'proxy-splice',
    measure: 'throughput',
    ours: 'swarmway, spliced',
    unit: 'MB/s',
    better: 'more'
  },
  {
    label: 'round trip of a small message, median',
    benchmark: 'proxy-latency',
    measure: 'round trip, p50',
    unit: 'ms',
    better: 'less'
  },
  {
    label: "server's heap per idle client",
    benchmark: 'proxy-memory',
    measure: 'per client: heap',
    unit: 'kB',
    better: 'less'
  },
  {
    label: "server's memory (RSS) per idle client",
    benchmark: 'proxy-memory',
    measure: 'per client: RSS',
    unit: 'kB',
    better: 'less'
  }
]

export function besideHyperswarm(): string {
  return table(BESIDE_HYPERSWARM, 'hyperswarm')
}

export function besideDhtRelay(): string {
  return table(BESIDE_DHT_RELAY, 'dht-relay')
}

function table(rows: readonly Row[], other: string): string {
  const lines = rows.map((row) => {
    const ours = median(row.benchmark, row.measure, row.ours)
    const theirs = median(row.benchmark, row.measure, other)
    const [left, right] = emphasize(row, ours, theirs)
    return `| ${row.label} | ${left} | ${right} |`
  })
  const [first] = rows
  const note = first ? `Medians; the better one is bold. ${circumstances(first.benchmark)}, all on one machine.` : ''
  return [`| | Swarmway | ${other} |`, '| --- | ---: | ---: |', ...lines, '', note].join('\n')
}

function emphasize({ better, unit }: Row, ours: number | null, theirs: number | null): [string, string] {
  const [left, right] = [said(ours, unit), said(theirs, unit)]
  if (left === right) return [left, right]
  const isOurs = theirs === null || (ours !== null && (better === 'more' ? ours > theirs : ours < theirs))
  return isOurs ? [`**${left}**`, right] : [left, `**${right}**`]
}

function said(value: number | null, unit: string): string {
  return value === null ? 'never' : `${Number(value.toPrecision(3))} ${unit}`.trim()
}
