/** Prints what a run covers, its progress, and at the end every failure in full and how to rerun it. */
import type { SerializedError } from 'vitest'
import { DefaultReporter, type TestModule, type TestRunEndReason, type TestSpecification } from 'vitest/node'
import { addUp, type Counts, closingLine, rerunLines } from './summary.ts'
import type { Tier } from './tiers.ts'

/** Number of files between lines of progress, where a line cannot be overwritten. */
const FILES_A_LINE = 20

export class TierReporter extends DefaultReporter {
  readonly #tier: Tier
  #fileCount = 0
  #doneCount = 0
  #failedCount = 0
  #startedMs = 0

  constructor(tier: Tier) {
    super({ summary: false })
    this.#tier = tier
  }

  override onTestRunStart(specifications: readonly TestSpecification[]): void {
    super.onTestRunStart(specifications)
    this.#fileCount = specifications.length
    this.#doneCount = 0
    this.#failedCount = 0
    this.#startedMs = performance.now()
    this.log(`${this.#tier.command}: ${this.#tier.what}, ${this.#fileCount} files`)
  }

  override onTestModuleEnd(module: TestModule): void {
    this.#doneCount++
    if (module.state() === 'failed') {
      this.#failedCount++
      this.#clearLine()
      // Prints the file with the names of its tests. The errors follow at the end.
      super.onTestModuleEnd(module)
    }
    this.#showProgress()
  }

  override onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason
  ): void {
    this.#clearLine()
    // Prints the errors, and calls reportTestSummary.
    super.onTestRunEnd(modules, errors, reason)
    const counts = addUp(modules, errors.length)
    const failed = modules
      .filter((module) => module.state() === 'failed')
      .map(({ relativeModuleId }) => relativeModuleId)
    for (const line of this.#ending(counts, failed)) this.log(line)
  }

  /** Replaces vitest's table. */
  override reportTestSummary(): void {}

  #ending(counts: Counts, failedFiles: readonly string[]): string[] {
    const seconds = Math.round((performance.now() - this.#startedMs) / 1000)
    const took = `${this.#doneCount} files in ${seconds} s`
    const next = counts.failed > 0 ? rerunLines(failedFiles, this.#tier) : nextLines(this.#tier)
    return ['', took, ...next, closingLine(counts)]
  }

  #showProgress(): void {
    const failures = this.#failedCount > 0 ? `, ${this.#failedCount} with failures` : ''
    const line = `${this.#doneCount} of ${this.#fileCount} files${failures}`
    if (this.isTTY) process.stdout.write(`\r\x1b[K${line}`)
    else if (this.#doneCount % FILES_A_LINE === 0) this.log(line)
  }

  #clearLine(): void {
    if (this.isTTY) process.stdout.write('\r\x1b[K')
  }
}

function nextLines({ config }: Tier): string[] {
  return config === null ? ['The other tiers are in CONTRIBUTING.md; bash .ci/run runs everything.'] : []
}
