/** The table of the metrics that the proxy server offers Prometheus. */
import { DEFAULT_SERVER_LIMITS } from '@swarmway/proxy-server'
import { createMetrics } from '../../../packages/cli/src/proxy/server/metrics.ts'

export function metrics(): string {
  const registry = createMetrics(noStats, DEFAULT_SERVER_LIMITS)
  const own = registry.getMetricsAsArray().filter(({ name }) => name.startsWith('swarmway_'))
  const rows = own.map(({ name, help }) => `| \`${name}\` | ${help} |`)
  return ['| metric | what it is |', '| --- | --- |', ...rows].join('\n')
}

function noStats(): never {
  throw new Error('listing the names must not read statistics')
}
