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
  const fields = createFields(defaults)
  const join = h('button', { class: 'primary' }, 'Join')
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const onSubmit = async (event: Event) => {
    event.preventDefault()
    const entry = entryOf(fields)
    if (entry.name === '' || entry.nickname === '') return
    rememberNickname(entry.nickname)
    localStorage.setItem(HUE, fields.hue.value)
    // Submitting twice would make two peers with one key.
    set(join, { disabled: true })
    const wrong = await onJoin(entry)
    set(join, { disabled: false })
    set(problem, { hidden: wrong === null })
    setText(problem, wrong ?? '')
  }
  const { nickname, name } = fields
  queueMicrotask(() => (nickname.value === '' ? nickname : name).focus())
  return h(
    'form',
    { class: 'join', onsubmit: (event) => void onSubmit(event) },
    ...rows(defaults, fields),
    problem,
    join
  )
}

/** What the user fills in. */
interface Fields {
  readonly nickname: HTMLInputElement
  readonly hue: HTMLInputElement
  readonly name: HTMLInputElement
  /** One URL, or several with spaces between them. */
  readonly proxies: HTMLInputElement
}

function createFields({ address, proxy }: JoinDefaults): Fields {
  const urls = address?.proxies.length ? address.proxies : [proxy]
  const fields = {
    nickname: field({ value: rememberedNickname(), maxlength: MAX_NICKNAME_LENGTH, autocomplete: 'nickname' }),
    hue: createHueField(),
    name: field({ value: address?.name ?? '', maxlength: MAX_NAME_LENGTH, autocomplete: 'off' }),
    proxies: field({ value: urls.join(' '), spellcheck: 'false' })
  }
  set(fields.nickname, { required: true })
  set(fields.name, { required: true })
  return fields
}

function entryOf({ hue, name, nickname, proxies }: Fields): Entry {
  return {
    name: name.value.trim(),
    nickname: nickname.value.trim(),
    hue: Number(hue.value),
    proxies: splitUrls(proxies.value)
  }
}

/** The fields with their labels, from the top to the bottom of the form. */
function rows({ address }: JoinDefaults, { hue, name, nickname, proxies }: Fields): HTMLElement[] {
  return [
    h('h1', {}, address === null ? 'Meet by a name' : `Join “${address.name}”`),
    h('p', { class: 'muted' }, 'Everyone who joins the same name is connected to you, encrypted end to end.'),
    labelled('Your name', nickname),
    labelled('Your colour', hue),
    labelled('Name of the room', name),
    h(
      'details',
      { open: (address?.proxies.length ?? 0) > 0 },
      h('summary', {}, 'Proxy server'),
      labelled('WebSocket address, or several', proxies)
    )
  ]
}

/** A slider that shows the colour chosen. */
function createHueField(): HTMLInputElement {
  const hue = h('input', { type: 'range', min: 0, max: 359, value: rememberedHue(), class: 'hue' })
  const show = () => hue.style.setProperty('--hue', hue.value)
  hue.addEventListener('input', show)
  show()
  return hue
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
