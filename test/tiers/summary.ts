/** The summary at the end of a test run. */
import type { TestModule } from 'vitest/node'
import type { Tier } from './tiers.ts'

/** Numbers of tests by result. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/**
 * Counts the tests. A failure outside of a test counts as one: a file that cannot be loaded or leaves handles behind,
 * an unhandled rejection.
 */
export function addUp(modules: readonly TestModule[], errorCount: number): Counts {
  const states = modules.flatMap((module) => statesOf(module))
  const count = (state: string) => states.filter((one) => one === state).length
  return { passed: count('passed'), failed: count('failed') + errorCount, skipped: count('skipped') }
}

function statesOf(module: TestModule): string[] {
  const states: string[] = [...module.children.allTests()].map((test) => test.result().state)
  const failsAlone = module.state() === 'failed' && !states.includes('failed')
  return failsAlone ? [...states, 'failed'] : states
}

/** The last line, which is the same for every tier, so that programs can read it. */
export function closingLine({ failed, passed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** Commands to run the failed files again. */
export function rerunLines(files: readonly string[], { config }: Tier): string[] {
  const options = config === null ? '' : ` --config ${config}`
  return ['Run one of them again:', ...files.map((file) => `  npx vitest run${options} ${file}`)]
}
