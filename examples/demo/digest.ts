import { createHash } from 'node:crypto'

/** Hashes every block, and then all those hashes in order: equal digests mean equal blocks in the same places. */
export class BlockDigest {
  readonly #all = createHash('sha256')

  add(block: Uint8Array): void {
    this.#all.update(createHash('sha256').update(block).digest())
  }

  hex(): string {
    return this.#all.digest('hex')
  }
}
