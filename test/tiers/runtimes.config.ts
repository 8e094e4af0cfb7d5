import { tierConfig } from './tier-config.ts'

/** The built packages in other runtimes and through other bundlers, which are installed from npm. */
export default tierConfig('runtimes', ['test/runtimes/*/*.test.ts'], {
  silent: false,
  // What is downloaded and what is skipped, as it comes.
  disableConsoleIntercept: true,
  testTimeout: 600_000,
  // Bundlers and browsers run many processes already.
  maxWorkers: 1
})
