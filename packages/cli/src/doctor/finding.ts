import { jsonLine } from '../shared/command/json.js'
import type { ExitCode } from '../shared/errors/exit-codes.js'
import { cleanText } from '../shared/terminal/clean-text.js'
import type { Colors } from '../shared/terminal/colors.js'

/** The result of one check. */
export interface Finding {
  readonly check: 'dht' | 'nat' | 'proxy' | 'direct'
  /** `ok`; `note`: works, with a remark; `fail`: does not work. */
  readonly level: 'ok' | 'note' | 'fail'
  /** One plain sentence. */
  readonly text: string
  /** What to do about it. */
  readonly hint?: string | undefined
  /** The figures, for programs. */
  readonly data?: Readonly<Record<string, string | number | boolean>> | undefined
  /** The exit code that the finding calls for. */
  readonly exitCode?: ExitCode | undefined
}

/** Formats a finding for people. */
export function findingText({ hint, level, text }: Finding, colors: Colors): string {
  const mark = { ok: colors.green('ok'), note: colors.yellow('note'), fail: colors.red('fail') }[level]
  const line = `${mark}${' '.repeat(6 - level.length)}${cleanText(text)}\n`
  return hint === undefined ? line : `${line}      ${colors.dim(cleanText(hint))}\n`
}

/** Formats all findings for programs. */
export function findingsJson(findings: readonly Finding[]): string {
  const isHealthy = findings.every(({ level }) => level !== 'fail')
  const shown = findings.map(({ check, data, hint, level, text }) => ({ check, level, text, hint, data }))
  return jsonLine({ healthy: isHealthy, findings: shown })
}
