import { expect, test } from 'vitest'
import { DEFAULT_LIMITS, Link, Session, verifyLimits } from '../../src/index.js'
import { wire } from '../support/helpers.js'

test('the defaults are finite integers and valid', () => {
  expect(verifyLimits()).toEqual(DEFAULT_LIMITS)
  for (const value of Object.values(DEFAULT_LIMITS)) expect(Number.isInteger(value)).toBe(true)
})

test.each(Object.keys(DEFAULT_LIMITS))('the error for a bad %s names it', (name) => {
  for (const bad of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null]) {
    expect(() => verifyLimits({ [name]: bad })).toThrow(new RegExp(`^limits\\.${name} must be`))
  }
})

test('unknown options, and bodies that do not fit into a frame, are refused', () => {
  expect(() => verifyLimits({ maxSteams: 5 } as never)).toThrow('limits.maxSteams is not a limit')
  expect(() => verifyLimits({ maxBodyBytes: 300_000 })).toThrow(/maxBodyBytes does not fit/)
  expect(() => verifyLimits({ maxFrameBytes: 70_000, maxMetaBytes: 69_990 })).toThrow(/maxMetaBytes does not fit/)
  expect(verifyLimits({ maxStreams: undefined } as never).maxStreams).toBe(DEFAULT_LIMITS.maxStreams)
})

test('verified limits are frozen and shared, not copied for each of a thousand sessions', () => {
  const limits = verifyLimits({ ackBytes: 5 })
  expect(verifyLimits(limits)).toBe(limits)
  expect(Object.isFrozen(limits)).toBe(true)
})

test('links and sessions verify their limits', () => {
  expect(() => new Session({ isInitiator: true, limits: { ackBytes: 0 } })).toThrow(TypeError)
  expect(() => new Link(wire()[0], null, { limits: { pingMisses: 0 } })).toThrow(TypeError)
})
