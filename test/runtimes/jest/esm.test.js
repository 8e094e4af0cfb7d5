import { meet } from './meet.js'

test('meets the peer', async () => {
  expect(await meet(process.env.SERVER, 'jest-esm')).toBe('hello from node')
})
