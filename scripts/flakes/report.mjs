import { existsSync, readFileSync } from 'node:fs'

/** Failures of a round, from vitest's JSON report; the exit code reveals failures outside of tests. */
export function readReport(path, exitCode) {
  if (!existsSync(path)) return { passed: 0, failures: [{ test: 'the run', message: `ended with ${exitCode}` }] }
  const { numPassedTests, testResults } = JSON.parse(readFileSync(path, 'utf8'))
  const failures = testResults.flatMap(failuresOf)
  if (exitCode !== 0 && failures.length === 0) {
    failures.push({ test: 'the run', message: 'an error that no test caught: see above' })
  }
  return { passed: numPassedTests, failures }
}

function failuresOf({ assertionResults, message, name, status }) {
  const file = name.replace(`${process.cwd()}/`, '')
  const failed = assertionResults.filter((result) => result.status === 'failed')
  if (status === 'failed' && failed.length === 0) return [{ test: file, message: firstLine(message) }]
  return failed.map(({ failureMessages, fullName }) => ({
    test: `${file} > ${fullName}`,
    message: firstLine(failureMessages[0] ?? '')
  }))
}

function firstLine(text) {
  return text.split('\n')[0]
}

/** A line for each test that failed in any round, the most frequent first, with its first error message. */
export function listFailures(rounds) {
  const byTest = new Map()
  for (const { failures, number } of rounds) {
    for (const { message, test } of failures) {
      const known = byTest.get(test) ?? { message, numbers: [] }
      known.numbers.push(number)
      byTest.set(test, known)
    }
  }
  const sorted = [...byTest].sort(([, a], [, b]) => b.numbers.length - a.numbers.length)
  return sorted.map(([test, { message, numbers }]) => `  ${test} (round ${numbers.join(', ')})\n    ${message}`)
}
