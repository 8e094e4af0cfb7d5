import type { PartStore } from './part-store.js'

/** For browsers that let a page store nothing: everything is gone with the page. */
export class MemoryParts implements PartStore {
  readonly isLasting = false
  readonly #pieces = new Map<string, Blob[]>()
  #note: string | null = null

  async read(name: string): Promise<Blob[]> {
    return [...(this.#pieces.get(name) ?? [])]
  }

  async write(name: string, index: number, piece: Blob): Promise<void> {
    this.#pieces.set(name, [...(this.#pieces.get(name) ?? []).slice(0, index), piece])
  }

  async remove(name: string): Promise<void> {
    this.#pieces.delete(name)
  }

  async readNote(): Promise<string | null> {
    return this.#note
  }

  async writeNote(text: string): Promise<void> {
    this.#note = text
  }

  /** Nobody finds it later. */
  async writeCode(): Promise<void> {}

  async clear(): Promise<void> {
    this.#pieces.clear()
    this.#note = null
  }

  release(): void {}
}
