import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** Attacks on a proxy server beside an honest client, for minutes. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['packages/*/test/hostile/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    reporters: [new TierReporter(TIERS.hostile)],
    silent: false,
    // The attacks would disturb each other.
    fileParallelism: false,
    testTimeout: 600_000
  }
})
