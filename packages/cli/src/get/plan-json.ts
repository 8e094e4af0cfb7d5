import type { Entry } from '../share/packages.js'
import { jsonLine } from '../shared/command/json.js'
import { refusalJson } from '../shared/files/refusal.js'
import type { DownloadPlan } from './download-plan.js'
import { bytesOf } from './remote-files.js'

/** A plan for programs: what is written, what is here already, and what is not written, with the reasons. */
export function planJson({ kept, refused, skipped, write }: DownloadPlan, folder: string) {
  return {
    folder,
    written: write.map(({ entry }) => file(entry)),
    kept: kept.map(file),
    skipped: skipped.map(refusalJson),
    refused: refused.map(refusalJson)
  }
}

/** Prints a value on a line. */
export function printJson(value: object, output: { write(text: string): unknown } = process.stdout): void {
  output.write(jsonLine(value))
}

function file(entry: Entry) {
  return { path: entry.key.slice(1), bytes: bytesOf(entry) }
}
