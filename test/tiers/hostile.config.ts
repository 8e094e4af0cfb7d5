import { tierConfig } from './tier-config.ts'

/** Attacks on a proxy server beside an honest client, for minutes. */
export default tierConfig('hostile', ['packages/*/test/hostile/**/*.test.ts'], {
  silent: false,
  // The attacks would disturb each other.
  fileParallelism: false,
  testTimeout: 600_000
})
