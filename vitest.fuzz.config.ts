import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** 100,000 broken frames, for minutes. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['packages/*/test/fuzz/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    reporters: [new TierReporter(TIERS.fuzz)],
    silent: false,
    testTimeout: 600_000
  }
})
