import { expect, test } from 'vitest'
import { type LendTarget, lendRtc } from '../../../src/worker-rtc/lend.js'

test.each([undefined, null, 1, {}, { port: null }, { port: {} }])('lendRtc refuses %o', (worker) => {
  expect(() => lendRtc(worker as unknown as LendTarget)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
})
