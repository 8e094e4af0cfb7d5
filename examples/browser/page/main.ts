import './style.css'
import { defaultProxy, readHash, writeHash } from './address.ts'
import { h } from './dom.ts'
import { createJoinView, rememberedHue, rememberedNickname } from './join-view.ts'
import { createRoomView, type RoomView } from './room-view.ts'
import { type Entry, Session } from './session.ts'

/** Storage key of the tab's room, so that a reload returns to it. */
const JOINED = 'swarmway-joined'

const page = document.body
const proxy = defaultProxy(location)
let session: Session | null = null
let view: RoomView | null = null

/** Enters a room. Returns what is wrong with the input, or null. */
async function enter(entry: Entry): Promise<string | null> {
  try {
    session = await Session.begin(entry, () => view?.changed())
  } catch (error) {
    return error instanceof TypeError ? 'A proxy server’s address begins with wss:// or ws://.' : String(error)
  }
  const isDefault = entry.proxies.length === 1 && entry.proxies[0] === proxy
  const hash = writeHash({ name: entry.name, proxies: isDefault ? [] : entry.proxies })
  history.replaceState(null, '', hash)
  sessionStorage.setItem(JOINED, hash)
  document.title = `${entry.name} · Swarmway`
  view = createRoomView(session, () => void leave())
  page.replaceChildren(view.element)
  view.focus()
  return null
}

async function leave(): Promise<void> {
  const left = session
  view?.close()
  session = null
  view = null
  sessionStorage.removeItem(JOINED)
  showForm()
  await left?.end()
}

function showForm(): void {
  document.title = 'Swarmway'
  page.replaceChildren(h('main', {}, createJoinView({ address: readHash(location.hash), proxy }, enter)))
}

async function start(): Promise<void> {
  const address = readHash(location.hash)
  const isReload = address !== null && sessionStorage.getItem(JOINED) === location.hash
  if (!isReload) return showForm()
  const proxies = address.proxies.length > 0 ? address.proxies : [proxy]
  await enter({ name: address.name, nickname: rememberedNickname(), hue: rememberedHue(), proxies })
}

addEventListener('hashchange', () => void leave())
// Says goodbye, so that the others need not wait for us.
addEventListener('pagehide', () => void session?.end())
// A page restored from the browser's cache has already said goodbye.
addEventListener('pageshow', (event) => event.persisted && location.reload())

void start()
