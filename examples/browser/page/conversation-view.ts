import type { Line } from '../room/conversation.ts'
import { hueOf } from '../room/peer.ts'
import type { Room } from '../room/room.ts'
import type { SharedFile } from '../room/shared-file.ts'
import { h, KeyedViews, set, setText, type View } from './dom.ts'
import { createFileCard } from './file-card.ts'
import { formatTime } from './format.ts'

/** The view scrolls to a new line if it was at most this far from the end. */
const NEAR_END_PX = 80

/** An entry of the conversation. */
type Entry =
  | { readonly kind: 'line'; readonly key: string; readonly timeMs: number; readonly line: Line }
  | { readonly kind: 'file'; readonly key: string; readonly timeMs: number; readonly file: SharedFile }

/** Messages and offered files, in order of time. */
export function createConversationView(room: Room): View<Room> {
  const list = h('ol', { class: 'lines', 'aria-label': 'Chat history' })
  const empty = h('p', { class: 'hint' }, 'Say something, or drop a file anywhere on the page.')
  const element = h('div', { class: 'conversation', tabindex: 0, role: 'log', 'aria-label': 'Conversation' })
  element.append(empty, list)
  const views = new KeyedViews<Entry>(list, (entry) => createEntry(entry, room))
  return {
    element,
    update: () => {
      const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX
      const entries = entriesOf(room)
      set(empty, { hidden: entries.length > 0 })
      views.update(entries, ({ key }) => key)
      if (isAtEnd) element.scrollTop = element.scrollHeight
    }
  }
}

function entriesOf(room: Room): Entry[] {
  const lines: Entry[] = room.conversation.lines.map((line) => {
    return { kind: 'line', key: `${line.author} ${line.id}`, timeMs: line.timeMs, line }
  })
  const files: Entry[] = [...room.files.values()].map((file) => {
    return { kind: 'file', key: file.offer.key, timeMs: file.offer.timeMs, file }
  })
  return [...lines, ...files].sort((a, b) => a.timeMs - b.timeMs)
}

function createEntry(entry: Entry, room: Room): View<Entry> {
  return entry.kind === 'line' ? createLine(entry.line, room) : createFileLine(entry.file, room)
}

function createLine(line: Line, room: Room): View<Entry> {
  const { author, hue, nickname, text, timeMs } = line
  const isOwn = author === room.key
  const head = createHead(isOwn ? 'You' : nickname, hue, timeMs)
  const waiting = h('span', { class: 'waiting muted' }, 'not sent yet')
  if (isOwn) head.append(waiting)
  const element = h('li', { class: isOwn ? 'own' : 'other' }, head, h('p', { class: 'text' }, text))
  const update = () => {
    const isWaiting = isOwn && line.isDelivered !== true
    set(element, { 'data-waiting': isWaiting })
    set(waiting, { hidden: !isWaiting })
  }
  return { element, update }
}

function createFileLine(file: SharedFile, room: Room): View<Entry> {
  const card = createFileCard(file, (wanted) => void room.fetch(wanted))
  const [holder = room.key] = file.holders
  const from = room.peers.find((peer) => peer.key === holder)
  const head = createHead(
    file.isOwn ? 'You' : (from?.nickname ?? 'Somebody'),
    file.isOwn ? room.hue : (from?.hue ?? hueOf(holder)),
    file.offer.timeMs
  )
  const element = h('li', { class: file.isOwn ? 'own' : 'other' }, head, card.element)
  return { element, update: () => card.update(file) }
}

function createHead(name: string, hue: number, timeMs: number): HTMLElement {
  const author = h('span', { class: 'author', style: `--hue: ${hue}` })
  setText(author, name)
  return h('div', { class: 'head' }, author, h('time', { class: 'muted' }, formatTime(timeMs)))
}
