import type { FinderListener, PeerFinder } from '../../src/discovery/finder.js'

/** A local network on which the test says who is there. */
export class FakeFinder implements PeerFinder {
  listener: FinderListener | null = null

  join(_topic: Uint8Array, listener: FinderListener) {
    this.listener = listener
    return { update() {}, flushed: () => Promise.resolve(), end() {} }
  }

  refresh() {}

  isLocal(): boolean {
    return false
  }

  async destroy() {}
}
