/** The part of a browser's window that is used. */
interface PageWindow {
  addEventListener(type: 'pagehide', listener: (event: { readonly persisted: boolean }) => void): void
  removeEventListener(type: 'pagehide', listener: (event: { readonly persisted: boolean }) => void): void
}

/** Something to end with the page. */
interface Destroyable {
  destroy(): void
}

/**
 * Destroys streams when their page is closed, reloaded or left for good: browsers end peer connections without telling
 * the other side, which would notice by silence only.
 */
export class PageEnd {
  readonly #streams = new Set<Destroyable>()
  readonly #onHide = ({ persisted }: { readonly persisted: boolean }) => {
    if (!persisted) for (const stream of [...this.#streams]) stream.destroy()
  }

  add(stream: Destroyable): void {
    if (this.#streams.size === 0) pageWindow()?.addEventListener('pagehide', this.#onHide)
    this.#streams.add(stream)
  }

  delete(stream: Destroyable): void {
    if (this.#streams.delete(stream) && this.#streams.size === 0)
      pageWindow()?.removeEventListener('pagehide', this.#onHide)
  }
}

/** Null outside of pages, as in Node. */
function pageWindow(): PageWindow | null {
  return 'onpagehide' in globalThis ? (globalThis as unknown as PageWindow) : null
}
