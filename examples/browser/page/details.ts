import b4a from 'b4a'
import { h, setText, type View } from './dom.ts'
import { formatBytes } from './format.ts'
import type { Session } from './session.ts'

type Fact = [name: string, value: string]

/** Figures about the topic and the session with the proxy server, for the curious. */
export function createDetails(): View<Session> {
  const list = h('dl', { class: 'facts' })
  const element = h('details', { class: 'details' }, h('summary', {}, 'Topic and session'), list)
  const values = new Map<string, HTMLElement>()
  return {
    element,
    update: (session) => {
      for (const [name, value] of factsOf(session)) setText(values.get(name) ?? addFact(list, values, name), value)
    }
  }
}

function addFact(list: HTMLElement, values: Map<string, HTMLElement>, name: string): HTMLElement {
  const value = h('dd')
  list.append(h('dt', {}, name), value)
  values.set(name, value)
  return value
}

function factsOf({ isAnnounced, room, swarm }: Session): Fact[] {
  const stats = swarm.linkStats
  return [
    ['Topic', `${b4a.toString(room.topic, 'hex').slice(0, 12)}… (${isAnnounced ? 'announced' : 'announcing'})`],
    ['You', `${room.key.slice(0, 12)}…`],
    ['Links so far', stats === null ? '–' : String(stats.links)],
    ['Streams open', stats === null ? '–' : String(stats.streams)],
    ['Frames sent, received', stats === null ? '–' : `${stats.framesSent}, ${stats.framesReceived}`],
    ['Frames sent again', stats === null ? '–' : String(stats.framesResent)],
    ['Waiting to be sent', stats === null ? '–' : formatBytes(stats.bufferedBytes + stats.unackedBytes)]
  ]
}
