import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/tiers/longest-first.ts'
import { TierReporter } from './test/tiers/tier-reporter.ts'
import { namesFiles, SLOW_FILES, TIERS } from './test/tiers/tiers.ts'

const OTHER_TIERS = [
  '**/chaos/**',
  '**/test/compatibility/**',
  '**/test/networks/**',
  'test/runtimes/*/*.test.ts',
  '**/fuzz/**',
  '**/hostile/**',
  '**/test/browser/**',
  'test/docs/tools/**'
]

export default defineConfig({
  resolve: { conditions: ['@swarmway/source'] },
  ssr: { resolve: { conditions: ['@swarmway/source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...OTHER_TIERS, ...(namesFiles(process.argv.slice(2)) ? [] : SLOW_FILES)],
    globalSetup: ['./test/support/build.ts'],
    setupFiles: ['./test/setup.ts'],
    reporters: [new TierReporter(TIERS.core), ...(process.env['GITHUB_ACTIONS'] ? ['github-actions'] : [])],
    // Where the tests run must not decide what commands write.
    env: { TERM: 'xterm' },
    // Prints the output of failed tests only.
    silent: 'passed-only',
    // Native UDP handles do not survive worker threads.
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // CI has two cores, but the tests spend much of their time waiting for networks.
    maxWorkers: 3,
    // Generous: on a busy machine everything is slow, which is not a fault.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'html'] }
  }
})
