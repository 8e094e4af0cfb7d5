/** The few helpers that the views need. */

type Child = Node | string
type Attributes = Record<string, string | number | boolean | null | EventListener>

/** Creates an element. Attributes that begin with "on" are listeners; null and false omit an attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  set(element, attributes)
  element.append(...children)
  return element
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  set(element, attributes)
  element.append(...children)
  return element
}

/** Sets attributes of an element. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value === null || value === false) element.removeAttribute(name)
    else if (element.getAttribute(name) !== String(value))
      element.setAttribute(name, value === true ? '' : String(value))
  }
}

/** Sets the text of an element if it differs. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A part of the page that draws one thing and redraws it on request. */
export interface View<T> {
  readonly element: Element
  update(item: T): void
}

/**
 * Keeps the children of `parent` in step with `items`: each key's view is created once and kept, so that nothing that
 * is focused or selected is replaced.
 */
export class KeyedViews<T> {
  readonly #parent: Element
  readonly #create: (item: T) => View<T>
  readonly #views = new Map<string, View<T>>()

  constructor(parent: Element, create: (item: T) => View<T>) {
    this.#parent = parent
    this.#create = create
  }

  update(items: readonly T[], keyOf: (item: T) => string): void {
    const keys = new Set(items.map(keyOf))
    for (const [key, { element }] of this.#views) {
      if (keys.has(key)) continue
      element.remove()
      this.#views.delete(key)
    }
    for (const [index, item] of items.entries()) this.#place(item, keyOf(item), index)
  }

  #place(item: T, key: string, index: number): void {
    let view = this.#views.get(key)
    if (view === undefined) {
      view = this.#create(item)
      this.#views.set(key, view)
    }
    view.update(item)
    const there = this.#parent.children[index] ?? null
    if (there !== view.element) this.#parent.insertBefore(view.element, there)
  }
}
