import { tierConfig } from './tier-config.ts'

/** Tests that run in a real Chromium. */
export default tierConfig('browser', ['**/test/browser/**/*.test.ts'], {
  expect: { poll: { timeout: 60_000 } },
  // A browser already runs many processes.
  maxWorkers: 1
})
