import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

/** The configuration of all tests, applied to the fixtures. */
export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/setup-fixtures/*.fixture.ts'], globalSetup: [], exclude: [] }
})
