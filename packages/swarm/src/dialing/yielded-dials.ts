import type { ConnectionTable, OpenConnection } from '../connections/table.js'
import type { PeerInfo } from '../peers/peer-info.js'

/**
 * Dials that are open here but not shown: the peer runs another implementation, is dialling us as well, and both sides
 * will keep its dial. Ours is shown only if that one fails.
 */
export class YieldedDials {
  readonly #table: ConnectionTable
  readonly #onCancelled: (info: PeerInfo, code: string) => void
  readonly #open = new Map<PeerInfo, OpenConnection>()

  /** `onCancelled` is called when a dial has ended without having been shown. */
  constructor(table: ConnectionTable, onCancelled: (info: PeerInfo, code: string) => void) {
    this.#table = table
    this.#onCancelled = onCancelled
  }

  add(info: PeerInfo, open: OpenConnection): void {
    const cancel = (code: string) => {
      if (!this.#open.delete(info)) return
      open.connection.destroy()
      this.#onCancelled(info, code)
    }
    this.#open.set(info, open)
    this.#table.change(info, { dial: { cancel, isHalfOpen: false } })
    open.connection.once('close', () => cancel('DUPLICATE'))
  }

  /** The peer's connection, which is to be shown now that the peer's own dial has failed; null if that may still open. */
  ready(info: PeerInfo): OpenConnection | null {
    const slot = this.#table.get(info)
    return slot?.dial && slot.inbound === null ? (this.#open.get(info) ?? null) : null
  }

  delete(info: PeerInfo): void {
    this.#open.delete(info)
  }
}
