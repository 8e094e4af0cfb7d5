/** Makes the table of the tier of networks from what its tests recorded. */
import { cpus, loadavg } from 'node:os'
import type { SerializedError } from 'vitest'
import type { TestModule, TestRunEndReason } from 'vitest/node'
import type { Measure, Outcome } from '../../bench/lib/benchmark.ts'
import { environment } from '../../bench/lib/environment.ts'
import { toMarkdown, write } from '../../bench/lib/report.ts'
import { TierReporter } from './tier-reporter.ts'

/** As the files of the results are called. */
const TABLE = { name: 'networks', title: 'Peers on real networks, beside hyperswarm' }
const NOTES = [
  'Seconds are from when the path is back, or from the call of `join`, until data flows in both directions.',
  'Every other pair joins in the other order, because it matters which side dials.',
  'All pairs of a row are measured at the same time on one userspace internet; "never" means not within a minute.'
]

export class NetworksReporter extends TierReporter {
  /** Of the beginning: somebody may commit while the tests run. */
  readonly #where = environment()

  override async onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly SerializedError[],
    reason: TestRunEndReason
  ): Promise<void> {
    // In the same order whichever file ran first.
    const files = [...modules].sort((a, b) => a.moduleId.localeCompare(b.moduleId))
    const measures = files.flatMap((module) => measuresOf(module))
    if (measures.length > 0) await this.#report(measures)
    super.onTestRunEnd(modules, errors, reason)
  }

  async #report(measures: Measure[]): Promise<void> {
    const outcome: Outcome = { measures, targets: [], notes: [...NOTES, loadNote()] }
    this.log(`\n${toMarkdown(TABLE, outcome, this.#where)}`)
    if (process.env['NETWORKS_WRITE'] === '1') await write(TABLE, outcome, this.#where)
  }
}

/** Others may have used the machine. */
function loadNote(): string {
  const [, , ofLastMinutes = 0] = loadavg()
  return `Load of the machine in the last 15 minutes of the run: ${ofLastMinutes.toFixed(1)}, on ${cpus().length} processors.`
}

function measuresOf(module: TestModule): Measure[] {
  return [...module.children.allTests()].flatMap((test) => test.meta().measures ?? [])
}
