import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** The newest packages made for hyperswarm, installed from npm by the run. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/compatibility/*.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['./test/support/build.ts', './test/compatibility/install.ts'],
    reporters: [new TierReporter(TIERS.compatibility)],
    // Three runs of a program, and a package's own tests.
    testTimeout: 600_000
  }
})
