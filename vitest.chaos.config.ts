import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** Random kills, restarts and suspensions, for minutes. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['packages/*/test/chaos/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    reporters: [new TierReporter(TIERS.chaos)],
    silent: false,
    testTimeout: 600_000
  }
})
