/** The number of bytes that may still be sent. */
export class Credit {
  #bytes: number
  #wake: (() => void) | null = null

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Takes `bytes` once that many are available. One caller at a time. */
  async take(bytes: number): Promise<void> {
    while (this.#bytes < bytes) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#bytes -= bytes
  }

  give(bytes: number): void {
    this.#bytes += bytes
    this.#wake?.()
  }
}
