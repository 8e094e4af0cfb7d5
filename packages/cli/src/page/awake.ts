/** Keeps the screen on while something is received: phones suspend pages when it goes dark. */
export class Awake {
  #lock: WakeLockSentinel | null = null
  #isWanted = false

  constructor() {
    // A browser takes the lock away from a page that is not visible.
    document.addEventListener('visibilitychange', () => void this.#update())
  }

  keep(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return
    this.#isWanted = isWanted
    void this.#update()
  }

  /** Not every browser has it, and some refuse it when the battery is low. */
  async #update(): Promise<void> {
    const isDue = this.#isWanted && document.visibilityState === 'visible'
    if (!isDue) {
      await this.#lock?.release().catch(() => {})
      this.#lock = null
    } else if (this.#lock === null || this.#lock.released) {
      this.#lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null
      if (!this.#isWanted) await this.#update()
    }
  }
}
