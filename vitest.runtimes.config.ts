import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** The packages in other runtimes and bundlers, installed from npm by the run. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/runtimes/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    reporters: [new TierReporter(TIERS.runtimes)],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 1
  }
})
