/** Which worker has which session; the primary's. */
export class SessionDirectory {
  readonly #owners = new Map<string, number>()

  /** A session has begun at a worker, or has ended. */
  update(id: string, isOpen: boolean, worker: number): void {
    if (isOpen) this.#owners.set(id, worker)
    else this.#owners.delete(id)
  }

  /** The worker that has it. */
  ownerOf(id: string): number | null {
    return this.#owners.get(id) ?? null
  }

  /** A worker is gone, and its sessions with it. */
  forget(worker: number): void {
    for (const [id, owner] of this.#owners) if (owner === worker) this.#owners.delete(id)
  }
}
