import type { FleetStats, ServerLimits, ServerStats } from '@swarmway/proxy-server'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** The stats that are plain numbers. */
type Numeric = { [Name in keyof ServerStats]: ServerStats[Name] extends number ? Name : never }[keyof ServerStats]

type Row = readonly [metric: string, help: string, stat: Numeric]

const PREFIX = 'swarmway_proxy_'

const GAUGES: readonly Row[] = [
  ['clients', 'Sessions, including those waiting for their client to resume', 'clients'],
  ['attached_clients', 'Sessions with a link', 'attached'],
  ['greetings', 'Links still exchanging greetings', 'greetings'],
  ['topics', 'Topics that any client announces or watches; each worker counts its own', 'topics'],
  ['streams', 'Peer streams', 'streams'],
  ['local_connections', 'Open connections between two clients of this server', 'splicesOpen'],
  ['dht_connections', 'Open connections with peers on UDP', 'dhtConnectionsOpen'],
  ['buffered_bytes', 'Bytes buffered in peer streams', 'bufferedBytes'],
  ['dht_online', '1 if the DHT answers; with workers, the number of processes that it answers', 'dhtOnline'],
  ['dht_queries_running', 'Running DHT queries', 'queriesRunning'],
  ['dht_queries_waiting', 'DHT queries waiting for their turn', 'queriesWaiting'],
  ['dial_requests_running', 'Requests of dials to DHT nodes in flight', 'dialRequestsRunning'],
  ['dial_requests_waiting', 'Requests of dials to DHT nodes waiting for their turn', 'dialRequestsWaiting'],
  ['held_back', 'DHT queries and dials that wait because the server is overloaded', 'heldBack']
]

const COUNTERS: readonly Row[] = [
  ['received_bytes_total', 'Bytes received on links, including framing', 'bytesIn'],
  ['sent_bytes_total', 'Bytes sent on links, including framing', 'bytesOut'],
  ['sessions_opened_total', 'Sessions opened', 'sessionsOpened'],
  ['sessions_resumed_total', 'Links that resumed a session', 'sessionsResumed'],
  ['sessions_expired_total', 'Sessions whose grace period ran out', 'sessionsExpired'],
  ['streams_opened_total', 'Peer streams opened', 'streamsOpened'],
  ['local_connections_opened_total', 'Connections between two clients of this server', 'splices'],
  ['dht_connections_opened_total', 'Connections with peers on UDP, in either direction', 'dhtConnections'],
  [
    'direct_paths_total',
    'Times that an end of a connection moved to a direct path, as clients say',
    'directConnections'
  ],
  ['direct_bytes_total', 'Bytes that clients sent each other past the server, as they say', 'directBytes'],
  ['lookups_total', 'DHT lookups made', 'lookupsMade'],
  ['lookups_shared_total', 'Lookups answered with the result of another client', 'lookupsShared'],
  ['announces_total', 'Announcements made in the DHT', 'announces']
]

/** The metrics of a process: its proxy server and the process itself. */
export function createMetrics(stats: () => ServerStats, limits: ServerLimits): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const [name, help, stat] of GAUGES) addGauge(registry, name, help, () => stats()[stat])
  for (const [name, help, stat] of COUNTERS) addCounter(registry, name, help, () => stats()[stat])
  addGauge(registry, 'max_clients', 'Value of the limit maxClients', () => limits.maxClients)
  addGauge(registry, 'max_buffered_bytes', 'Value of the limit maxBufferedBytes', () => limits.maxBufferedBytes)
  addLoad(registry, stats)
  addFleet(registry, stats)
  addBy(registry, 'code', ['denied_total', 'Links refused', () => stats().denied])
  addBy(registry, 'limit', ['limit_hits_total', 'Refusals because a limit was reached', () => stats().limitHits])
  addBy(registry, 'code', ['stream_resets_total', 'Peer streams that ended with an error', () => stats().resets])
  return registry
}

/** A server on its own shows zeros. */
function addFleet(registry: Registry, stats: () => ServerStats): void {
  type Value = (fleet: FleetStats) => number
  const of = (value: Value) => () => {
    const { fleet } = stats()
    return fleet === null ? 0 : value(fleet)
  }
  const gauge = (name: string, help: string, value: Value) => addGauge(registry, `fleet_${name}`, help, of(value))
  const most = (name: string, help: string, value: Value) => addGauge(registry, `fleet_${name}`, help, of(value), 'max')
  const total = (name: string, help: string, value: Value) =>
    addCounter(registry, `fleet_${name}_total`, help, of(value))
  const online =
    '1 if the broker of the fleet answers and passes on what the server says; with workers, the number of processes for which it does'
  gauge('broker_online', online, ({ brokerOnline }) => brokerOnline)
  most('servers', 'Other servers of the fleet', ({ servers }) => servers.length)
  const clients = 'Sessions at the other servers of the fleet, as they say'
  most('clients', clients, ({ servers }) => servers.reduce((sum, one) => sum + one.clients, 0))
  gauge('links_out', 'Links opened to other servers of the fleet', ({ linksOut }) => linksOut)
  gauge('links_in', 'Links opened by other servers of the fleet', ({ linksIn }) => linksIn)
  const dialled = 'Connections of clients here to clients of other servers'
  total('connections_dialled', dialled, (fleet) => fleet.dialled)
  const accepted = 'Connections of clients of other servers to clients here'
  total('connections_accepted', accepted, (fleet) => fleet.accepted)
}

/** With several workers, the slowest counts. */
function addLoad(registry: Registry, stats: () => ServerStats): void {
  const delay = 'Milliseconds by which the event loop is late, over some seconds'
  addGauge(registry, 'event_loop_delay_ms', delay, () => stats().eventLoopDelayMs, 'max')
  const overloaded = '1 while newcomers are denied, because of maxEventLoopDelayMs'
  addGauge(registry, 'overloaded', overloaded, () => Number(stats().isOverloaded), 'max')
}

/** A gauge. `name` goes without the prefix; `aggregator` combines the values of several workers. */
export function addGauge(
  registry: Registry,
  name: string,
  help: string,
  value: () => number,
  aggregator: 'sum' | 'max' = 'sum'
): void {
  new Gauge({
    name: PREFIX + name,
    help,
    aggregator,
    registers: [registry],
    collect() {
      this.set(value())
    }
  })
}

/** A counter whose value is counted elsewhere and copied at each scrape. */
export function addCounter(registry: Registry, name: string, help: string, value: () => number): void {
  new Counter({
    name: PREFIX + name,
    help,
    registers: [registry],
    collect() {
      this.reset()
      this.inc(value())
    }
  })
}

type Counts = () => Readonly<Record<string, number>>

function addBy(registry: Registry, label: string, [name, help, counts]: readonly [string, string, Counts]): void {
  new Counter({
    name: PREFIX + name,
    help: `${help}, by ${label}`,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset()
      for (const [value, count] of Object.entries(counts())) this.inc({ [label]: value }, count)
    }
  })
}
