import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

const chaos = mergeConfig(base, defineConfig({ test: { testTimeout: 600_000 } }))
chaos.test = { ...chaos.test, include: ['packages/*/test/chaos/**/*.test.ts'], exclude: ['**/node_modules/**'] }

export default chaos
