import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** Tests that run in a real Chromium. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['**/test/browser/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    reporters: [new TierReporter(TIERS.browser)],
    testTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    // A browser already runs many processes.
    maxWorkers: 1
  }
})
