import { expect, test } from 'vitest'
import { inNaturalOrder } from '../../src/page/natural-order.js'

// The ninth photograph was the last of fourteen.
test('files are listed as people count', () => {
  const paths = ['a/photo 10.jpg', 'a/photo 9.jpg', 'b.txt', 'A.txt', 'a/photo 1.jpg']
  const shown = inNaturalOrder(paths.map((path) => ({ path }))).map(({ path }) => path)
  expect(shown).toEqual(['A.txt', 'a/photo 1.jpg', 'a/photo 9.jpg', 'a/photo 10.jpg', 'b.txt'])
})
