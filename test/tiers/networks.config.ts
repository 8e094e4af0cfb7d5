import { NetworksReporter } from './networks-reporter.ts'
import { tierConfig } from './tier-config.ts'
import { TIERS } from './tiers.ts'

/** Peers on a userspace internet, with outages of a minute and more. */
export default tierConfig('networks', ['test/networks/scenarios/*.test.ts'], {
  setupFiles: ['./test/setup.ts', './test/networks/support/end-with-runner.ts'],
  reporters: [new NetworksReporter(TIERS.networks)],
  silent: false,
  // Progress, as it comes.
  disableConsoleIntercept: true,
  // Tests wait for their turn, see support/turns-setup.ts: what keeps the machine busy runs alone.
  globalSetup: ['./test/support/build.ts', './test/networks/support/turns-setup.ts'],
  maxWorkers: 12,
  maxConcurrency: 20
})
