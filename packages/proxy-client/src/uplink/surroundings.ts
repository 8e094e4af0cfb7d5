import { type PageListener, watchPage } from './page-lifecycle.js'
import { type WakeUpOptions, watchWakeUps } from './wake-ups.js'

/** Watches the page and what may have brought the network back, until the returned function is called. */
export function watchSurroundings(options: PageListener & WakeUpOptions): () => void {
  const stops = [watchPage(options), watchWakeUps(options)]
  return () => {
    for (const stop of stops) stop()
  }
}
