type Attributes = Readonly<Record<string, string | boolean | EventListener>>

/** Creates an element. Attributes that begin with "on" are listeners; false leaves one out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children)
  return element
}

/** A button. */
export function button(text: string, kind: 'primary' | 'plain', onClick: () => void): HTMLButtonElement {
  return h('button', { type: 'button', class: kind, onclick: onClick }, text)
}

/** A heading, to which the focus goes so that a screen reader begins there. */
export function heading(text: string): HTMLHeadingElement {
  return h('h1', { tabindex: '-1' }, text)
}

/** Something on the page that may change while it is shown. */
export interface View {
  readonly element: HTMLElement
  /** Brings it up to date. */
  update(): void
  /** Another view takes its place. */
  leave?(): void
}
