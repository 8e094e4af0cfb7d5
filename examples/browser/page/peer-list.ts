import type { Peer } from '../room/peer.ts'
import type { Reach } from '../room/protocol.ts'
import { h, KeyedViews, set, setText, type View } from './dom.ts'
import { formatRate, hueOf } from './format.ts'

/**
 * What the peer says about itself. Unless we are connected directly, our bytes go through our proxy server, which reaches
 * the peer by UDP or, if the peer is on the same server, at once. The protocol does not say which.
 */
const REACHES: Record<Reach | 'unknown', string> = {
  udp: 'native, on UDP',
  proxy: 'behind a proxy',
  unknown: 'just arrived'
}

/** The list of peers, as text beside the picture. */
export function createPeerList(): View<readonly Peer[]> {
  const list = h('ul', { class: 'peers', 'aria-label': 'Peers' })
  const empty = h('p', { class: 'hint' }, 'Nobody else is here yet. Copy the link and send it to somebody.')
  const views = new KeyedViews(list, createPeerRow)
  return {
    element: h('div', {}, list, empty),
    update: (peers) => {
      set(empty, { hidden: peers.length > 0 })
      views.update(peers, (peer) => peer.key)
    }
  }
}

function createPeerRow(peer: Peer): View<Peer> {
  const name = h('strong')
  const how = h('span', { class: 'muted' })
  const traffic = h('span', { class: 'muted rate' })
  const dot = h('span', { class: 'swatch', style: `--hue: ${hueOf(peer.key)}`, 'aria-hidden': 'true' })
  const element = h('li', { 'data-peer': peer.key }, dot, name, how, traffic)
  return {
    element,
    update: ({ isDirect, nickname, reach, traffic: { inBytes, outBytes } }) => {
      setText(name, nickname ?? '…')
      setText(how, isDirect ? 'direct' : REACHES[reach ?? 'unknown'])
      setText(traffic, inBytes + outBytes === 0 ? '' : `↓ ${formatRate(inBytes)} ↑ ${formatRate(outBytes)}`)
      set(element, { 'data-reach': reach, 'data-path': isDirect ? 'direct' : 'proxied' })
    }
  }
}
