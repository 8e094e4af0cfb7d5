import { defineConfig, type ViteUserConfig } from 'vitest/config'
import base from '../../vitest.config.ts'
import { TierReporter } from './tier-reporter.ts'
import { TIERS } from './tiers.ts'

/** Options of vitest that differ between tiers. */
type Options = Omit<NonNullable<ViteUserConfig['test']>, 'include'>

/**
 * The configuration of a tier: that of `npm test`, with other files.
 *
 * @param include Patterns of its files, from the root of the repository.
 * @param options What is different besides.
 */
export function tierConfig(name: keyof typeof TIERS, include: readonly string[], options: Options = {}) {
  return defineConfig({
    ...base,
    test: {
      ...base.test,
      include: [...include],
      exclude: ['**/node_modules/**'],
      reporters: [new TierReporter(TIERS[name])],
      ...options
    }
  })
}
