import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['@swarmway/source'] },
  ssr: { resolve: { conditions: ['@swarmway/source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/chaos/**', '**/fuzz/**', '**/test/browser/**', 'test/docs/tools/**'],
    setupFiles: ['./test/setup.ts'],
    // Native UDP handles do not survive worker threads, and two cores is what CI has.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    // CI's machine is shared and stands still for a moment now and then. A fault fails twice, and both are shown.
    retry: process.env['CI'] ? 1 : 0,
    hookTimeout: 60_000,
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'html'] }
  }
})
