/** In Bun and Deno, udx-native ends the process with a message about libuv, so a program could not say what was wrong. */
import { expect, test } from 'vitest'
import { Swarm } from '../../../src/index.js'
import { assertUdxRuns } from '../../../src/native/udx-support.js'

test.each([
  ['bun', /Bun cannot run udx-native.*ProxyClient/],
  ['deno', /Deno cannot run udx-native.*ProxyClient/]
])('a runtime with %s among its versions is refused with a code', (name, message) => {
  const versions = { node: '24.3.0', [name]: '1.0.0' }
  expect(() => assertUdxRuns(versions)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_RUNTIME' }))
  expect(() => assertUdxRuns(versions)).toThrow(message)
})

test('Node is not refused, nor a runtime that does not say what it is', () => {
  expect(() => assertUdxRuns()).not.toThrow()
  expect(() => assertUdxRuns({})).not.toThrow()
})

test('the swarm looks before it makes a node', () => {
  const { versions } = process
  Object.defineProperty(process, 'versions', { value: { ...versions, bun: '1.4.4' }, configurable: true })
  try {
    expect(() => new Swarm()).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_RUNTIME' }))
  } finally {
    Object.defineProperty(process, 'versions', { value: versions, configurable: true })
  }
})
