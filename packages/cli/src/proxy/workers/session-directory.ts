/** Maps sessions to workers, in the primary. */
export class SessionDirectory {
  readonly #owners = new Map<string, number>()

  /** A session has opened or closed at a worker. */
  update(id: string, isOpen: boolean, worker: number): void {
    if (isOpen) this.#owners.set(id, worker)
    else this.#owners.delete(id)
  }

  /** The worker that has the session. */
  ownerOf(id: string): number | null {
    return this.#owners.get(id) ?? null
  }

  /** A worker has died, and its sessions with it. */
  forget(worker: number): void {
    for (const [id, owner] of this.#owners) if (owner === worker) this.#owners.delete(id)
  }
}
