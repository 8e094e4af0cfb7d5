import { tierConfig } from './tier-config.ts'

/** Tests that run in a real Chromium. */
export default tierConfig('browser', ['**/test/browser/**/*.test.ts'], {
  // A browser already runs many processes.
  maxWorkers: 1
})
