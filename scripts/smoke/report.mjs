/** Number of lines that are shown of a failed check's output. */
const MAX_LINES = 12

/** Prints a line for each check that passed or failed, and sets the exit code. */
export class Report {
  #passed = 0
  #failed = 0

  /** Runs `check`, which throws on failure and may return a remark. */
  async check(name, check) {
    try {
      const remark = await check()
      this.#passed++
      console.log(`ok    ${name}${remark ? ` (${remark})` : ''}`)
    } catch (error) {
      this.fail(name, error)
    }
  }

  fail(name, error) {
    this.#failed++
    console.log(`FAIL  ${name}`)
    const lines = String(error?.message ?? error)
      .trim()
      .split('\n')
    for (const line of lines.slice(0, MAX_LINES)) console.log(`      ${line}`)
    if (lines.length > MAX_LINES) console.log(`      ... and ${lines.length - MAX_LINES} more lines`)
  }

  end() {
    console.log(this.#failed === 0 ? `All ${this.#passed} checks passed.` : `${this.#failed} of the checks failed.`)
    process.exitCode = this.#failed === 0 ? 0 : 1
  }
}
