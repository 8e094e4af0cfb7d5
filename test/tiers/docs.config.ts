import { tierConfig } from './tier-config.ts'

/** Tests of the docs that need programs besides Node: nginx, caddy, systemd-analyze, Chromium. */
export default tierConfig('docs', ['test/docs/tools/**/*.test.ts'], {
  // A browser already runs many processes.
  maxWorkers: 1
})
