import type { Peer } from '../room/peer.ts'
import { KeyedViews, set, setText, svg, type View } from './dom.ts'
import { count, shorten } from './format.ts'
import {
  CENTRE,
  dashSeconds,
  HEIGHT,
  lineTo,
  MAX_LARGE,
  MAX_SHOWN,
  type Point,
  placesOf,
  RING_RADIUS,
  WIDTH
} from './layout.ts'
import type { Session } from './session.ts'

/** With more peers than this, names would overlap. */
const MAX_NAMED = 8
/** Longer names are cut here; the list shows the whole name. */
const MAX_LABEL_LENGTH = 13
const DOT_RADIUS = 11
const PEER_RING_RADIUS = 17
/** With many peers. */
const SMALL_DOT_RADIUS = 5
const SMALL_RING_RADIUS = 8
/** Distance of the moving dashes from their line: each direction has its own side. */
const LANE = 4
/** Offset of a name from the centre of its dot. */
const NAME_ABOVE = -24
const NAME_BELOW = 32

interface PlacedPeer {
  readonly peer: Peer
  readonly place: Point
  readonly isNamed: boolean
  readonly isSmall: boolean
}

/**
 * The swarm as we see it: we are in the middle, with a ring around us for our proxy server, and around that the peers.
 * A peer behind a proxy server also has a ring. The line to a peer that we are connected with directly is thick, and passes
 * our ring.
 */
export function createPicture(): View<Session> {
  const ring = svg('circle', { class: 'ring', cx: CENTRE.x, cy: CENTRE.y, r: RING_RADIUS })
  const proxyName = label(CENTRE.x, CENTRE.y + RING_RADIUS - 9, 'caption')
  const peers = svg('g')
  const element = svg('svg', { class: 'picture', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' }, ring, peers)
  const others = label(WIDTH - 8, HEIGHT - 8, 'caption')
  set(others, { 'text-anchor': 'end' })
  element.append(drawSelf(), proxyName, others)
  const views = new KeyedViews(peers, createPeer)
  return {
    element,
    update: (session) => {
      set(element, { 'data-link': session.link.status, 'aria-label': describe(session) })
      setText(proxyName, session.link.status === 'connected' ? 'proxy' : 'offline')
      const hidden = session.room.peers.length - MAX_SHOWN
      setText(others, hidden > 0 ? `+${hidden}` : '')
      views.update(place(session.room.peers), ({ peer }) => peer.key)
    }
  }
}

/** Describes the picture to screen readers. */
function describe({ link, room }: Session): string {
  const named = room.peers.slice(0, MAX_LARGE).map((peer) => peer.nickname ?? 'somebody')
  const others = room.peers.length - named.length
  const names = [...named, ...(others > 0 ? [`and ${others} more`] : [])].join(', ')
  const who = names === '' ? 'nobody else yet' : `${count(room.peers.length, 'peer')}: ${names}`
  return `The swarm: you, ${link.status === 'connected' ? 'behind your proxy server' : 'without a connection'}; ${who}`
}

function place(peers: readonly Peer[]): PlacedPeer[] {
  const shown = peers.slice(0, MAX_SHOWN)
  const places = placesOf(shown.length)
  const sizes = { isNamed: shown.length <= MAX_NAMED, isSmall: shown.length > MAX_LARGE }
  return shown.map((peer, index) => ({ peer, place: places[index] ?? CENTRE, ...sizes }))
}

function drawSelf(): SVGGElement {
  const name = label(CENTRE.x, CENTRE.y + 5, 'self-name')
  setText(name, 'you')
  return svg('g', {}, svg('circle', { class: 'self', cx: CENTRE.x, cy: CENTRE.y, r: 22 }), name)
}

function createPeer({ peer }: PlacedPeer): View<PlacedPeer> {
  const wire = svg('line', { class: 'wire' })
  const incoming = svg('line', { class: 'flow in' })
  const outgoing = svg('line', { class: 'flow out' })
  const ring = svg('circle', { class: 'peer-ring' })
  const dot = svg('circle', { class: 'dot' })
  const name = label(0, 0, 'peer-name')
  const node = svg('g', {}, ring, dot, name)
  const element = svg('g', { class: 'peer', style: `--hue: ${peer.hue}` }, wire, incoming, outgoing, node)
  return {
    element,
    update: ({ isNamed, isSmall, peer, place }) => {
      const [dotRadius, ringRadius] = isSmall ? [SMALL_DOT_RADIUS, SMALL_RING_RADIUS] : [DOT_RADIUS, PEER_RING_RADIUS]
      const { inBytes, outBytes } = peer.traffic
      const radius = peer.reach === 'proxy' ? ringRadius : dotRadius
      set(dot, { r: dotRadius })
      set(ring, { r: ringRadius })
      set(wire, ends(lineTo(place, radius)))
      set(incoming, { ...ends(lineTo(place, radius, -LANE)), ...flow(inBytes) })
      set(outgoing, { ...ends(lineTo(place, radius, LANE)), ...flow(outBytes) })
      set(element, {
        'data-reach': peer.reach ?? 'unknown',
        'data-path': peer.isDirect ? 'direct' : 'proxied',
        style: `--hue: ${peer.hue}`
      })
      set(node, { transform: `translate(${place.x} ${place.y})` })
      // Outwards, where there is no line.
      set(name, { y: place.y < CENTRE.y ? NAME_ABOVE : NAME_BELOW })
      setText(name, isNamed ? shorten(peer.nickname ?? '…', MAX_LABEL_LENGTH) : '')
    }
  }
}

function ends({ from, to }: ReturnType<typeof lineTo>): Record<string, number> {
  return { x1: from.x, y1: from.y, x2: to.x, y2: to.y }
}

function flow(bytesPerSecond: number): Record<string, string | boolean | null> {
  const seconds = dashSeconds(bytesPerSecond)
  return { 'data-moving': seconds !== null, style: seconds === null ? null : `--seconds: ${seconds}s` }
}

function label(x: number, y: number, className: string): SVGTextElement {
  return svg('text', { class: className, x, y, 'text-anchor': 'middle' })
}
