import { tierConfig } from './tier-config.ts'

/** 100,000 broken frames, for minutes. */
export default tierConfig('fuzz', ['packages/*/test/fuzz/**/*.test.ts'], { silent: false, testTimeout: 600_000 })
