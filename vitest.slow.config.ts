import { defineConfig } from 'vitest/config'
import { TierReporter } from './test/support/tier-reporter.ts'
import { SLOW_FILES, TIERS } from './test/support/tiers.ts'
import base from './vitest.config.ts'

/** Tests too slow for `npm test`: the command, the examples and the packages, as whole programs. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [...SLOW_FILES],
    exclude: ['**/node_modules/**'],
    reporters: [new TierReporter(TIERS.slow)]
  }
})
