/**
 * Runs in every test process. A test file fails when the process printed a warning (listener leaks and
 * deprecations included) or when it leaves handles behind that keep the process alive. Unhandled rejections
 * and uncaught exceptions fail a run by vitest's own rules.
 */
import { afterAll, expect } from 'vitest'

const LEAK_GRACE_MS = Number(process.env['LEAK_GRACE_MS'] ?? 5000)
const LOOK_MS = 50
const KINDS = new Set(['TCPSocketWrap', 'TCPServerWrap', 'UDPWrap', 'PipeWrap', 'ProcessWrap', 'Timeout'])

const warnings: string[] = []
const before = countHandles()

process.on('warning', (warning) => {
  warnings.push(`${warning.name}: ${warning.message}`)
})

afterAll(async () => {
  // A warning is reported in the next tick, which may not have happened since the last test.
  await new Promise<void>((resolve) => setImmediate(resolve))
  expect(warnings, 'the process printed warnings').toEqual([])
  const leaked = await leakedHandles()
  expect(leaked, 'handles left open by this test file').toEqual({})
})

/** Looks for as long as `LEAK_GRACE_MS`, longer where the process hardly gets to run. */
async function leakedHandles(): Promise<Record<string, number>> {
  for (let looksLeft = LEAK_GRACE_MS / LOOK_MS; ; looksLeft--) {
    const leaked = subtract(countHandles(), before)
    if (Object.keys(leaked).length === 0 || looksLeft <= 0) return leaked
    // Unreferenced, so that this wait is not counted; vitest's own channel keeps the process alive.
    await new Promise<void>((resolve) => setTimeout(resolve, LOOK_MS).unref())
  }
}

function countHandles(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    if (KINDS.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

function subtract(now: Map<string, number>, baseline: Map<string, number>): Record<string, number> {
  const leaked: Record<string, number> = {}
  for (const [kind, count] of now) {
    const extra = count - (baseline.get(kind) ?? 0)
    if (extra > 0) leaked[kind] = extra
  }
  return leaked
}
