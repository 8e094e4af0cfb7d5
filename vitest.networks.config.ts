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
    // The figures of one file would be those of a machine that is busy with another.
    fileParallelism: false
  }
})
