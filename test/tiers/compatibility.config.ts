import { tierConfig } from './tier-config.ts'

/** The newest packages made for hyperswarm, installed from npm by the run. */
export default tierConfig('compatibility', ['test/compatibility/*.test.ts'], {
  globalSetup: ['./test/support/build.ts', './test/compatibility/install.ts'],
  // Three runs of a program, and a package's own tests.
  testTimeout: 600_000
})
