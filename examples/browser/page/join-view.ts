import { MAX_NICKNAME_LENGTH } from '../room/protocol.ts'
import { type Address, splitUrls } from './address.ts'
import { h, set, setText } from './dom.ts'
import type { Entry } from './session.ts'

const MAX_NAME_LENGTH = 100
const NICKNAME = 'swarmway-nickname'
const HUE = 'swarmway-hue'

/** Initial values of the form. */
export interface JoinDefaults {
  /** What the page's address holds, if the link was an invitation. */
  readonly address: Address | null
  /** The default proxy server. */
  readonly proxy: string
}

/** The form to join a room. `onJoin` returns what is wrong, or null. */
export function createJoinView(defaults: JoinDefaults, onJoin: (entry: Entry) => Promise<string | null>): HTMLElement {
  const { address, proxy } = defaults
  const nickname = field({ value: rememberedNickname(), maxlength: MAX_NICKNAME_LENGTH, autocomplete: 'nickname' })
  const hue = h('input', { type: 'range', min: 0, max: 359, value: rememberedHue(), class: 'hue' })
  const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' })
  const showHue = () => swatch.style.setProperty('--hue', hue.value)
  hue.addEventListener('input', showHue)
  showHue()
  const name = field({ value: address?.name ?? '', maxlength: MAX_NAME_LENGTH, autocomplete: 'off' })
  const proxies = field({ value: (address?.proxies.length ? address.proxies : [proxy]).join(' '), spellcheck: 'false' })
  const join = h('button', { class: 'primary' }, 'Join')
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const onSubmit = async (event: Event) => {
    event.preventDefault()
    const entry = {
      name: name.value.trim(),
      nickname: nickname.value.trim(),
      hue: Number(hue.value),
      proxies: splitUrls(proxies.value)
    }
    if (entry.name === '' || entry.nickname === '') return
    rememberNickname(entry.nickname)
    localStorage.setItem(HUE, hue.value)
    // Submitting twice would make two peers with one key.
    set(join, { disabled: true })
    const wrong = await onJoin(entry)
    set(join, { disabled: false })
    set(problem, { hidden: wrong === null })
    setText(problem, wrong ?? '')
  }
  set(nickname, { required: true })
  set(name, { required: true })
  const form = h(
    'form',
    { class: 'join', onsubmit: (event) => void onSubmit(event) },
    h('h1', {}, address === null ? 'Meet by a name' : `Join “${address.name}”`),
    h('p', { class: 'muted' }, 'Everyone who joins the same name is connected to you, encrypted end to end.'),
    labelled('Your name', nickname),
    h('label', {}, h('span', {}, 'Your colour ', swatch), hue),
    labelled('Name of the room', name),
    h(
      'details',
      { open: (address?.proxies.length ?? 0) > 0 },
      h('summary', {}, 'Proxy server'),
      labelled('WebSocket address, or several', proxies)
    ),
    problem,
    join
  )
  queueMicrotask(() => (nickname.value === '' ? nickname : name).focus())
  return form
}

/** The nickname that the user of this tab chose last. */
export function rememberedNickname(): string {
  return sessionStorage.getItem(NICKNAME) ?? localStorage.getItem(NICKNAME) ?? ''
}

/** The colour that this browser chose last, in degrees; at first, any. */
export function rememberedHue(): number {
  const kept = localStorage.getItem(HUE)
  return kept === null ? Math.floor(Math.random() * 360) : Number(kept) % 360
}

function rememberNickname(nickname: string): void {
  sessionStorage.setItem(NICKNAME, nickname)
  localStorage.setItem(NICKNAME, nickname)
}

function field(attributes: Record<string, string | number>): HTMLInputElement {
  return h('input', { class: 'text-field', ...attributes })
}

function labelled(text: string, input: HTMLInputElement): HTMLLabelElement {
  return h('label', {}, h('span', {}, text), input)
}
