/** How much may still be sent. */
export class Credit {
  #bytes: number
  #wake: (() => void) | null = null

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Takes `bytes`, once there are so many. One caller at a time. */
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
