import { onTestFinished } from 'vitest'
import { onTrace, type TraceRecord } from '../../src/index.js'

/** Collects what is traced from now until the end of the test. */
export function traced(): { named(area: string, event: string): TraceRecord['fields'][] } {
  const records: TraceRecord[] = []
  onTestFinished(onTrace((record) => records.push(record)))
  const named = (area: string, event: string) =>
    records.filter((record) => record.area === area && record.event === event).map(({ fields }) => fields)
  return { named }
}
