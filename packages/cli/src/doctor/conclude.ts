import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import type { Finding } from './finding.js'

/** An unreachable DHT is not a failure if a proxy server makes up for it. Throws a `CliError` if anything failed. */
export function conclude(findings: readonly Finding[]): void {
  const failed = findings.filter(({ level }) => level === 'fail')
  const isProxied = findings.some(({ check, level }) => check === 'proxy' && level === 'ok')
  const serious = failed.filter(({ check }) => check === 'proxy' || !isProxied)
  const [first] = serious
  if (first === undefined) return
  throw new CliError(serious.length === 1 ? 'One check failed.' : `${serious.length} checks failed.`, {
    exitCode: first.exitCode ?? EXIT.unexpected
  })
}
