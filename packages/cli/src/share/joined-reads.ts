/** What is read of a database at once. */
export interface ReadBatch {
  get(key: unknown): Promise<unknown>
  /** Sends it. */
  tryFlush(): void
}

/** What makes the batches of a database: a part of it that is not public, so a later version may lack it. */
export interface BatchMaker {
  createReadBatch?(session: object, options?: ReadOptions): ReadBatch
}

interface ReadOptions {
  /** Whether it is used once. */
  readonly autoDestroy?: boolean
}

/**
 * What is read of a database in one turn of the event loop is read at once from now on. Hypercore reads each node of a tree by
 * itself, some ten for a block, and each read costs more than what it finds: it is passed to a thread and back.
 */
export function joinReads(maker: BatchMaker | undefined): void {
  const create = maker?.createReadBatch?.bind(maker)
  if (maker === undefined || create === undefined) return
  const next = new WeakMap<object, ReadBatch>()
  const nextOf = (session: object, options: ReadOptions) => {
    const known = next.get(session)
    if (known !== undefined) return known
    const batch = create(session, options)
    next.set(session, batch)
    setImmediate(() => {
      next.delete(session)
      batch.tryFlush()
    })
    return batch
  }
  maker.createReadBatch = (session, options = {}) =>
    options.autoDestroy ? joined((key) => nextOf(session, options).get(key)) : create(session, options)
}

/** A batch whose reads go into that of all. */
function joined(get: ReadBatch['get']): ReadBatch & { flush(): Promise<void>; destroy(): void } {
  const reads: Promise<unknown>[] = []
  return {
    get(key) {
      const read = get(key)
      reads.push(read)
      return read
    },
    tryFlush() {},
    async flush() {
      await Promise.all(reads)
    },
    destroy() {}
  }
}
