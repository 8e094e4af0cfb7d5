import { tierConfig } from './tier-config.ts'

/** Random kills, restarts and suspensions, for minutes. */
export default tierConfig('chaos', ['packages/*/test/chaos/**/*.test.ts'], { silent: false, testTimeout: 600_000 })
