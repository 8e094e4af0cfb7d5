/** What an uplink is told about its page. */
export interface PageListener {
  /** The page is closed, reloaded or left for good. */
  onClose(): void
  /** The page goes into the back/forward cache, from which it may return. */
  onCached(): void
}

/** The part of a browser's window that is used. */
interface PageWindow {
  addEventListener(type: 'pagehide', listener: (event: { readonly persisted: boolean }) => void): void
  removeEventListener(type: 'pagehide', listener: (event: { readonly persisted: boolean }) => void): void
}

/** Listens until the returned function is called. Outside pages, as in Node and in workers, nothing is ever reported. */
export function watchPage({ onCached, onClose }: PageListener): () => void {
  if (!('onpagehide' in globalThis)) return () => {}
  const page = globalThis as unknown as PageWindow
  const onHide = ({ persisted }: { readonly persisted: boolean }) => (persisted ? onCached() : onClose())
  page.addEventListener('pagehide', onHide)
  return () => page.removeEventListener('pagehide', onHide)
}
