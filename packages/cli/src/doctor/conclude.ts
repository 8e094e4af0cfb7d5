import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import type { Finding } from './finding.js'

/** A DHT out of reach is no fault where a proxy server makes up for it. Throws a `CliError` if something is. */
export function conclude(findings: readonly Finding[]): void {
  const failed = findings.filter(({ level }) => level === 'fail')
  const isProxied = findings.some(({ check, level }) => check === 'proxy' && level === 'ok')
  const serious = failed.filter(({ check }) => check === 'proxy' || !isProxied)
  const [first] = serious
  if (first === undefined) return
  throw new CliError(serious.length === 1 ? 'One thing does not work.' : `${serious.length} things do not work.`, {
    exitCode: first.exitCode ?? EXIT.unexpected
  })
}
