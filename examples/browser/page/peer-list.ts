import type { Peer } from '../room/peer.ts'
import type { Reach } from '../room/protocol.ts'
import { h, KeyedViews, set, setText, type View } from './dom.ts'
import { count, formatRate } from './format.ts'
import { createInvitation } from './invitation.ts'
import type { Session } from './session.ts'

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
export function createPeerList(): View<Session> {
  const title = h('h2')
  const list = h('ul', { class: 'peers', 'aria-label': 'Peers' })
  const invitation = createInvitation()
  const waiting = h('p', { class: 'hint' })
  const views = new KeyedViews(list, createPeerRow)
  return {
    element: h('div', { class: 'people' }, title, list, waiting, invitation),
    update: ({ isAnnounced, link, room: { peers } }) => {
      const isAlone = peers.length === 0 && link.status === 'connected' && isAnnounced
      setText(title, `${count(peers.length, 'other')}${link.status === 'connected' ? ' here' : ', as last seen'}`)
      set(title, { hidden: peers.length === 0 })
      set(invitation, { hidden: !isAlone })
      set(waiting, { hidden: isAlone || peers.length > 0 })
      setText(
        waiting,
        link.status === 'connected' ? 'Looking for others…' : 'Who is here shows once there is a connection.'
      )
      views.update(peers, (peer) => peer.key)
    }
  }
}

function createPeerRow(peer: Peer): View<Peer> {
  const name = h('strong')
  const how = h('span', { class: 'muted' })
  const traffic = h('span', { class: 'muted rate' })
  const dot = h('span', { class: 'swatch', style: `--hue: ${peer.hue}`, 'aria-hidden': 'true' })
  const element = h('li', { 'data-peer': peer.key }, dot, name, how, traffic)
  return {
    element,
    update: ({ hue, isDirect, nickname, reach, traffic: { inBytes, outBytes } }) => {
      set(dot, { style: `--hue: ${hue}` })
      setText(name, nickname ?? '…')
      setText(how, isDirect ? 'direct' : REACHES[reach ?? 'unknown'])
      setText(traffic, inBytes + outBytes === 0 ? '' : `↓ ${formatRate(inBytes)} ↑ ${formatRate(outBytes)}`)
      set(element, { 'data-reach': reach, 'data-path': isDirect ? 'direct' : 'proxied' })
    }
  }
}
