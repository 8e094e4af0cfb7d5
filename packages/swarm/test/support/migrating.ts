import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test, vi } from 'vitest'

/** The tests that show that rows of docs/migrating.md are true, keyed by the row's first cell without backticks. */
export type Rows = Record<string, () => void | Promise<void>>

/** Runs one test per row, and one that checks that no row is missing in the section or here. */
export function testRows(heading: string, rows: Rows): void {
  test(`docs/migrating.md, ${heading}: the rows are those that are tested`, () => {
    expect(rowsOf(heading)).toEqual(Object.keys(rows))
  })
  for (const [row, run] of Object.entries(rows)) test(row, run)
}

/** The first cells of all tables of a section. */
function rowsOf(heading: string): string[] {
  const page = readFileSync(new URL('../../../../docs/migrating.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'))
  const cells = lines.map((line) => (line.split('|')[1] ?? '').replaceAll('`', '').trim())
  return cells.filter((cell) => cell !== 'there' && !/^:?-+$/.test(cell))
}

/** The codes of the compatibility warnings given from now on, which then do not reach the process. */
export function compatWarnings(): string[] {
  const codes: string[] = []
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation((_message, options) => {
    const { code = '', type = '' } = options as { code?: string; type?: string }
    if (type === 'SwarmwayCompatWarning') codes.push(code)
  })
  onTestFinished(() => spy.mockRestore())
  return codes
}

/** The next event's arguments. */
export function next<T extends unknown[]>(on: (listener: (...args: T) => void) => unknown): Promise<T> {
  return new Promise((resolve) => on((...args) => resolve(args)))
}

/** The error that `run` throws or rejects with. */
export async function errorOf(run: () => unknown): Promise<{ code?: string; name: string; message: string }> {
  try {
    await run()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}
