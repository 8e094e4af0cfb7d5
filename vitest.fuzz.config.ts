import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

const fuzz = mergeConfig(base, defineConfig({ test: { testTimeout: 600_000 } }))
fuzz.test = { ...fuzz.test, include: ['packages/*/test/fuzz/**/*.test.ts'], exclude: ['**/node_modules/**'] }

export default fuzz
