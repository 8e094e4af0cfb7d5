/** The test tiers: tests to run after each change, and tests that take longer or need more than Node. */
import { existsSync } from 'node:fs'

/** A part of the tests that has its own command. */
export interface Tier {
  /** The command that runs it. */
  readonly command: string
  /** A short description. */
  readonly what: string
  /** The vitest configuration; null for vitest's default file. */
  readonly config: string | null
}

export const TIERS = {
  core: { command: 'npm test', what: 'unit, contract and integration tests', config: null },
  slow: { command: 'npm run test:slow', what: 'whole programs', config: 'test/tiers/slow.config.ts' },
  browser: { command: 'npm run test:browser', what: 'in Chromium', config: 'test/tiers/browser.config.ts' },
  docs: {
    command: 'npm run test:docs',
    what: 'docs with nginx, Caddy and systemd',
    config: 'test/tiers/docs.config.ts'
  },
  fuzz: { command: 'npm run test:fuzz', what: 'broken frames', config: 'test/tiers/fuzz.config.ts' },
  hostile: { command: 'npm run test:hostile', what: 'attacks on a server', config: 'test/tiers/hostile.config.ts' },
  networks: { command: 'npm run test:networks', what: 'a userspace internet', config: 'test/tiers/networks.config.ts' },
  runtimes: {
    command: 'npm run test:runtimes',
    what: 'other runtimes and bundlers',
    config: 'test/tiers/runtimes.config.ts'
  },
  compatibility: {
    command: 'npm run test:compatibility',
    what: 'packages of the ecosystem',
    config: 'test/tiers/compatibility.config.ts'
  },
  chaos: { command: 'npm run test:chaos', what: 'random outages', config: 'test/tiers/chaos.config.ts' }
} as const satisfies Record<string, Tier>

/**
 * The files of the slow tier, which start many processes, move many bytes, or compile. Each of them would delay
 * `npm test` by more than it is worth after every change.
 */
export const SLOW_FILES: readonly string[] = [
  'packages/cli/test/chat/process.test.ts',
  'packages/cli/test/pipe/process.test.ts',
  'packages/cli/test/proxy/fleet-clocks.test.ts',
  'packages/cli/test/proxy/fleet-transfers.test.ts',
  'packages/cli/test/send/process.test.ts',
  'packages/cli/test/shared/network/dark-dht.test.ts',
  'packages/cli/test/share/disk.test.ts',
  'packages/cli/test/share/process.test.ts',
  'packages/cli/test/tunnel/process.test.ts',
  'packages/proxy-client/test/integration/direct-transfer.test.ts',
  'packages/proxy-client/test/integration/slow-line.test.ts',
  'packages/swarm/test/integration/consumers.test.ts',
  'packages/swarm/test/integration/left-open.test.ts',
  'test/consumers/**/*.test.ts',
  'test/docs/*.test.ts',
  'test/examples.test.ts',
  'test/publishing/**/*.test.ts'
]

/** Whether the command line names files or folders. Named files run in full, even slow ones. */
export function namesFiles(args: readonly string[]): boolean {
  return args.some((arg) => !arg.startsWith('-') && !arg.endsWith('.config.ts') && existsSync(arg))
}
