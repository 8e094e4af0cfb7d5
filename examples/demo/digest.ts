import { createHash } from 'node:crypto'

/** Hashes every block, and all those hashes in their order: equal digests mean equal blocks in equal places. */
export class BlockDigest {
  readonly #all = createHash('sha256')

  add(block: Uint8Array): void {
    this.#all.update(createHash('sha256').update(block).digest())
  }

  hex(): string {
    return this.#all.digest('hex')
  }
}
