import type { CliError } from '../shared/errors/cli-error.js'
import { filesText, shownKey } from '../shared/files/file-texts.js'
import { HIDDEN, type Refusal } from '../shared/files/refusal.js'
import { cleanText } from '../shared/terminal/clean-text.js'
import { formatBytes } from '../shared/terminal/format.js'
import { type DownloadPlan, isForeign } from './download-plan.js'
import { bytesOf } from './remote-files.js'

interface Row {
  readonly key: string
  readonly bytes: number
  readonly note: string
}

/** Lists on standard output what a download would do with each file. */
export function printList(
  plan: DownloadPlan,
  folder: string,
  refusal: CliError | null,
  output: { write(text: string): unknown } = process.stdout
): void {
  const rows = rowsOf(plan).sort((a, b) => (a.key < b.key ? -1 : 1))
  const width = Math.min(60, Math.max(0, ...rows.map(({ key }) => shownKey(key).length)))
  for (const { bytes, key, note } of rows) {
    const line = `${formatBytes(bytes).padStart(10)}  ${note === '' ? shownKey(key) : `${shownKey(key).padEnd(width)}  ${note}`}`
    output.write(`${line}\n`)
  }
  output.write(`${summary(plan, rows)}\n`)
  output.write(refusal === null ? `They would be written to ${folder}.\n` : `${refusal.message} ${refusal.hint}\n`)
}

function rowsOf({ kept, refused, skipped, write }: DownloadPlan): Row[] {
  return [
    ...write.map(({ before, entry, isForeign: foreign }) => {
      const note = foreign ? 'would be overwritten' : before !== null ? 'would be updated' : ''
      return { key: entry.key, bytes: bytesOf(entry), note }
    }),
    ...kept.map((entry) => ({ key: entry.key, bytes: bytesOf(entry), note: 'is here already' })),
    ...skipped.map((one) => row(one, 'would be skipped', one.reason === HIDDEN ? ' (--hidden)' : '')),
    ...refused.map((one) => row(one, 'would be refused', isForeign(one) ? ' (--overwrite)' : ''))
  ]
}

function row({ bytes, key, reason }: Refusal, what: string, option: string): Row {
  return { key, bytes, note: `${what}: ${cleanText(reason)}${option}` }
}

function summary({ kept, refused, skipped, write }: DownloadPlan, rows: readonly Row[]): string {
  const total = rows.reduce((sum, { bytes }) => sum + bytes, 0)
  const size = formatBytes(write.reduce((sum, { entry }) => sum + bytesOf(entry), 0))
  const parts = [`${write.length} to write (${size})`]
  if (kept.length > 0) parts.push(`${kept.length} here already`)
  if (skipped.length > 0) parts.push(`${skipped.length} to skip`)
  if (refused.length > 0) parts.push(`${refused.length} refused, so nothing would be written`)
  return `${filesText(rows.length)}, ${formatBytes(total)}: ${parts.join(', ')}.`
}
