import type { Room } from '../room/room.ts'
import { createComposer } from './composer.ts'
import { createConversationView } from './conversation-view.ts'
import { createDetails } from './details.ts'
import { h, set, setText } from './dom.ts'
import { acceptDrops, shareFiles } from './drop.ts'
import { createLinkView } from './link-view.ts'
import { createPeerList } from './peer-list.ts'
import { createPicture } from './picture.ts'
import type { Session } from './session.ts'

/** How often figures are measured and drawn. */
const TICK_MS = 500
const NOTICE_MS = 2000

/** A room on the page. */
export interface RoomView {
  readonly element: HTMLElement
  /** Schedules a redraw of what has changed; several changes are drawn together. */
  changed(): void
  /** Puts the cursor in the message field, except where that would open an on-screen keyboard. */
  focus(): void
  close(): void
}

/** Draws a room until it is closed. */
export function createRoomView(session: Session, onLeave: () => void): RoomView {
  const { room } = session
  const closing = new AbortController()
  const link = createLinkView(session)
  const picture = createPicture()
  const peers = createPeerList()
  const details = createDetails()
  const conversation = createConversationView(room)
  const talk = createTalk(room, conversation.element, closing.signal)
  const aside = h('aside', { 'aria-label': 'The swarm' }, picture.element, legend(), peers.element, details.element)
  const element = h('main', { class: 'room' }, createHeader(room.name, link.element, onLeave), aside, talk)
  const draw = () => {
    for (const view of [link, picture, peers, details]) view.update(session)
    conversation.update(room)
  }
  const changed = oncePerFrame(draw)
  const ticking = setInterval(() => {
    room.measure()
    changed()
  }, TICK_MS)
  const close = () => {
    clearInterval(ticking)
    closing.abort()
    element.remove()
  }
  draw()
  return { element, changed, focus: () => focusField(talk), close }
}

/** The conversation, and the form that adds messages and files to it. */
function createTalk(room: Room, conversation: Element, signal: AbortSignal): HTMLElement {
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const show = (text: string) => {
    setText(problem, text)
    set(problem, { hidden: text === '' })
  }
  const onFiles = (files: File[]) => {
    show('')
    void shareFiles(room, files, show)
  }
  const label = { class: 'talk', 'aria-label': 'Conversation and files' }
  return h('section', label, conversation, problem, createComposer(room, onFiles), acceptDrops(signal, onFiles))
}

function focusField(parent: Element): void {
  if (matchMedia('(hover: hover)').matches) parent.querySelector<HTMLElement>('.text-field')?.focus()
}

function createHeader(name: string, link: Element, onLeave: () => void): HTMLElement {
  const invite = h('button', { type: 'button' }, 'Copy link')
  invite.addEventListener('click', async () => {
    const isCopied = await copy(location.href)
    setText(invite, isCopied ? 'Copied' : 'Copy it from the address bar')
    setTimeout(() => setText(invite, 'Copy link'), NOTICE_MS)
  })
  const leave = h('button', { type: 'button', class: 'quiet', onclick: onLeave }, 'Leave')
  return h('header', {}, h('h1', { title: name }, name), link, invite, leave)
}

function legend(): HTMLElement {
  const native = h('span', { class: 'key' }, h('span', { class: 'mark udp' }), 'native, on UDP')
  const ringed = h('span', { class: 'key' }, h('span', { class: 'mark proxy' }), 'behind a proxy')
  const line = h('span', { class: 'key' }, h('span', { class: 'mark direct' }), 'connected directly')
  return h('p', { class: 'legend muted', 'aria-hidden': 'true' }, native, ringed, line)
}

/** Copies the text to the clipboard. Returns false if that is not allowed, as on a page without HTTPS. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

function oncePerFrame(draw: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      draw()
    })
  }
}
