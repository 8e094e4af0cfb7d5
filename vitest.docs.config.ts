import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** Tests of the docs that need programs besides Node: nginx, caddy, systemd-analyze, Chromium. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/docs/tools/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    reporters: [new TierReporter(TIERS.docs)],
    testTimeout: 120_000,
    // A browser already runs many processes.
    maxWorkers: 1
  }
})
