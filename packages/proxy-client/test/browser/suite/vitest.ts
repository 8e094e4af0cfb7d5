/**
 * Stands in for vitest where a suite runs in a browser: collects the tests instead of running them. The assertions
 * are vitest's own.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  GLOBAL_EXPECT,
  type getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState
} from '@vitest/expect'

type Run = () => unknown

/** A test, and whether it is skipped. */
export interface Case {
  readonly run: Run
  readonly isSkipped: boolean
}

export const cases = new Map<string, Case>()
export const beforeSuite: Run[] = []
export const afterSuite: Run[] = []
/** Clean-up functions of the running test, the latest first. */
export const afterTest: Run[] = []

export const describe = (_name: string, define: () => void): void => define()
export const beforeAll = (run: Run): number => beforeSuite.push(run)
export const afterAll = (run: Run): number => afterSuite.push(run)
export const onTestFinished = (run: Run): number => afterTest.unshift(run)
export const test = Object.assign(add, { skipIf: (isSkipped: boolean) => (isSkipped ? skip : add) })
export const expect = createExpect()

function add(title: string, run: Run): void {
  cases.set(title, { run, isSkipped: false })
}

function skip(title: string, run: Run): void {
  cases.set(title, { run, isSkipped: true })
}

/** Assembled the way vitest does it. */
function createExpect() {
  for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin)
  const made = Object.assign((value: unknown, message?: string) => chai.expect(value, message), chai.expect, {
    ...(globalThis as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT],
    unreachable: (message = 'this should not have been reached') => chai.assert.fail(message)
  })
  Object.assign(globalThis, { [GLOBAL_EXPECT]: made })
  const state = { assertionCalls: 0, isExpectingAssertions: false, testPath: '', currentTestName: '' }
  setState(state as unknown as ReturnType<typeof getState>, made as never)
  return made
}
