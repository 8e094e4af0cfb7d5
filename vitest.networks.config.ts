import { defineConfig } from 'vitest/config'
import { NetworksReporter } from './test/support/networks-reporter.ts'
import { TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** Peers on a userspace internet, with outages of a minute and more. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/networks/scenarios/*.test.ts'],
    setupFiles: ['./test/setup.ts', './test/networks/support/end-with-runner.ts'],
    exclude: ['**/node_modules/**'],
    reporters: [new NetworksReporter(TIERS.networks)],
    silent: false,
    // Progress, as it comes.
    disableConsoleIntercept: true,
    // Tests wait for their turn, see support/turns-setup.ts: what keeps the machine busy runs alone.
    globalSetup: ['./test/support/build.ts', './test/networks/support/turns-setup.ts'],
    maxWorkers: 12,
    maxConcurrency: 20
  }
})
