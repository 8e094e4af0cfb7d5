/** @import { Point } from '../recording/history.js' */
/** @import { Snapshot } from '../figures/snapshot.js' */
import { make, setText } from './dom.js'
import { amount, duration, milliseconds, number, rate, size } from './format.js'

/**
 * @typedef {object} Tile
 * @property {string} title
 * @property {(now: Snapshot, point: Point | undefined) => string} value
 * @property {(now: Snapshot, point: Point | undefined) => string} detail
 * @property {(now: Snapshot) => number} [share] how full it is, from 0 to 1
 * @property {(now: Snapshot) => boolean} [isShown] default: always
 */

/** @type {Tile[]} */
const TILES = [
  {
    title: 'Clients',
    value: (now) => number(now.clients),
    detail: (now) => `of at most ${number(now.maxClients)}${away(now)}`,
    share: (now) => now.clients / now.maxClients
  },
  { title: 'Topics', value: (now) => number(now.topics), detail: () => 'announced or looked up' },
  {
    title: 'Streams',
    value: (now) => number(now.nativeStreams + now.splicedStreams),
    detail: (now) => `${number(now.nativeStreams)} native, ${number(now.splicedStreams)} between clients`
  },
  {
    title: 'From clients',
    value: (_now, point) => rate(point?.inPerSecond ?? 0),
    detail: (now) => `${amount(now.bytesIn)} since the start`
  },
  {
    title: 'To clients',
    value: (_now, point) => rate(point?.outPerSecond ?? 0),
    detail: (now) => `${amount(now.bytesOut)} since the start`
  },
  {
    title: 'Past this server',
    value: (now) => amount(now.directBytes),
    // Both ends count.
    detail: (now) => `${number(Math.ceil(now.directConnections / 2))} direct paths, as clients say`
  },
  {
    title: 'Buffers',
    value: (now) => size(now.bufferedBytes),
    detail: (now) => `of at most ${size(now.maxBufferedBytes)}`,
    share: (now) => now.bufferedBytes / now.maxBufferedBytes
  },
  {
    title: 'Memory',
    value: (now) => size(now.rssBytes),
    detail: (now) => `of ${size(now.memoryBytes)} available`,
    share: (now) => now.rssBytes / now.memoryBytes
  },
  { title: 'Event loop delay', value: (now) => milliseconds(now.loopDelayMs), detail: () => 'longest wait just now' },
  { title: 'DHT', value: dhtState, detail: dhtDetail },
  { title: 'Fleet', value: fleetState, detail: fleetDetail, isShown: (now) => now.fleet !== undefined },
  { title: 'Up', value: (now, point) => duration((point?.at ?? now.startedAt) - now.startedAt), detail: build }
]

/** Shows the current figures. */
export class Tiles {
  #views

  /** @param {Element} parent */
  constructor(parent) {
    this.#views = TILES.map((tile) => ({ tile, ...makeView(tile) }))
    parent.append(...this.#views.map((view) => view.element))
  }

  /**
   * @param {Snapshot} now
   * @param {Point | undefined} point
   */
  show(now, point) {
    for (const { bar, detail, element, tile, value } of this.#views) {
      element.hidden = tile.isShown?.(now) === false
      setText(value, tile.value(now, point))
      setText(detail, tile.detail(now, point))
      bar.style.width = `${Math.min(1, tile.share?.(now) ?? 0) * 100}%`
    }
  }
}

/** @param {Tile} tile */
function makeView({ share, title }) {
  const value = make('dd', { className: 'value' })
  const detail = make('dd', { className: 'detail' })
  const bar = make('div')
  const element = make('dl', { className: 'tile' }, make('dt', { text: title }), value, detail)
  if (share !== undefined) element.append(make('dd', { className: 'meter' }, bar))
  return { element, value, detail, bar }
}

/** @param {Snapshot} now */
function fleetState({ fleet }) {
  const others = fleet?.servers ?? 0
  return `${number(others)} other${others === 1 ? '' : 's'}`
}

/** @param {Snapshot} now */
function fleetDetail({ fleet }) {
  const { clients = 0, links = 0, online = 0, processes = 0 } = fleet ?? {}
  const broker = online < processes ? ', broker offline' : ''
  return `with ${number(clients)} clients, ${number(links)} links${broker}`
}

/** @param {Snapshot} now */
function build({ processes, restarts, version }) {
  const restarted = restarts > 0 ? `, ${number(restarts)} restarted` : ''
  return `version ${version}${processes > 1 ? `, ${processes} processes` : ''}${restarted}`
}

/** Clients that have lost their link and may return. @param {Snapshot} now */
function away({ attached, clients }) {
  return clients > attached ? `, ${number(clients - attached)} away` : ''
}

/** @param {Snapshot} now */
function dhtState({ dht: { nodes, online } }) {
  if (nodes === 0) return 'Off'
  if (online === 0) return 'Offline'
  return online === nodes ? 'Online' : `${online} of ${nodes}`
}

/** @param {Snapshot} now */
function dhtDetail({ dht: { firewalled, nodes, online }, dhtWaiting }) {
  if (nodes === 0) return 'clients meet only here'
  const part = online > 0 && online < nodes ? 'online, ' : ''
  const reach = part + (firewalled === 0 ? 'open to the internet' : 'behind a firewall or NAT')
  return dhtWaiting > 0 ? `${reach}, ${number(dhtWaiting)} waiting` : reach
}
