import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** The built packages in other runtimes and through other bundlers, which are installed from npm. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/runtimes/*/*.test.ts'],
    exclude: ['**/node_modules/**'],
    reporters: [new TierReporter(TIERS.runtimes)],
    silent: false,
    // What is downloaded and what is skipped, as it comes.
    disableConsoleIntercept: true,
    testTimeout: 600_000,
    // Bundlers and browsers run many processes already.
    maxWorkers: 1
  }
})
