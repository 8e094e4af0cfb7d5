import { afterEach, expect, test, vi } from 'vitest'
import { PATIENCE_MS, sayIfLate } from '../../../src/shared/network/waiting.js'
import { Status } from '../../../src/shared/terminal/status.js'

afterEach(() => {
  vi.useRealTimers()
})

function waiting(signal: AbortSignal): string[] {
  vi.useFakeTimers()
  const said: string[] = []
  void sayIfLate(new Promise(() => {}), 'Still waiting.', new Status({ write: (text) => said.push(text) }), signal)
  return said
}

test('what takes long is remarked on', () => {
  const said = waiting(new AbortController().signal)
  vi.advanceTimersByTime(PATIENCE_MS)
  expect(said).toEqual(['Still waiting.\n'])
})

/** After Ctrl-C, the process stayed until the remark, and "Waiting for the proxy server" came below "Interrupted". */
test('after an interruption there is no remark, and nothing that keeps the process', () => {
  const controller = new AbortController()
  const said = waiting(controller.signal)
  controller.abort()
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(PATIENCE_MS)
  expect(said).toEqual([])
})
