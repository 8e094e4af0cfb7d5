/** What a side does with a number that it does not know, with a body that it cannot read, and with everything else. */
import { expect, test } from 'vitest'
import * as control from '../../../src/control/index.js'
import { limitReached } from '../../../src/errors.js'

const table = {
  ADD: { number: 1, body: control.idBody, answer: control.keyBody, limits: [] },
  FORGET: { number: 2, body: control.idBody, answer: control.emptyBody, limits: [] }
} as const

const answer = control.requestDispatch<typeof table, number[]>(
  table,
  {
    ADD: (seen, id) => new Uint8Array(32).fill(seen.push(id)),
    FORGET: async (_seen, id) => {
      throw limitReached('ids', id)
    }
  },
  'test'
)

test('a request is decoded, handled and its answer encoded', async () => {
  const seen: number[] = []
  expect(Buffer.from(await answer(seen, 1, control.idBody.encode(7)))).toEqual(Buffer.alloc(32, 1))
  expect(seen).toEqual([7])
})

test('a request is refused: NOT_FOUND if unknown, PROTOCOL_ERROR if unreadable, else with the code of its handler', async () => {
  const seen: number[] = []
  await expect(answer(seen, 3, new Uint8Array(4))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(answer(seen, 1, new Uint8Array(3))).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
  await expect(answer(seen, 2, new Uint8Array(4))).rejects.toMatchObject({ code: 'LIMIT' })
  expect(seen).toEqual([])
})

test('a notification that is unknown is left to the caller, an unreadable one is a PROTOCOL_ERROR', () => {
  const seen: number[] = []
  const take = control.noticeDispatch<typeof table, number[]>(table, {
    ADD: (ids, id) => void ids.push(id),
    FORGET: (ids) => void ids.pop()
  })
  expect(take(seen, 1, control.idBody.encode(9))).toBe(true)
  expect(take(seen, 3, new Uint8Array(4))).toBe(false)
  expect(() => take(seen, 1, new Uint8Array(5))).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
  expect(seen).toEqual([9])
})

test('every number is used once', () => {
  const { CLIENT_NOTICE, CLIENT_REQUEST, SERVER_NOTICE, SERVER_REQUEST } = control
  const numbers = [CLIENT_REQUEST, CLIENT_NOTICE, SERVER_REQUEST, SERVER_NOTICE].flatMap((one) => Object.values(one))
  expect(new Set(numbers).size).toBe(numbers.length)
})
