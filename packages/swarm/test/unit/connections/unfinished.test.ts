import { expect, test } from 'vitest'
import { FakeClock } from '../../../../runtime/test/support/fake-clock.js'
import { UnfinishedHandshakes } from '../../../src/connections/unfinished.js'

test('no more than 1024 hosts are remembered, those with the latest handshakes', () => {
  const unfinished = new UnfinishedHandshakes(new FakeClock())
  for (let i = 0; i < 1024; i++) unfinished.add(`host ${i}`)
  unfinished.add('host 0')
  unfinished.add('one more')
  const counts = ['host 0', 'host 1', 'host 2', 'one more'].map((host) => unfinished.countOf(host))
  expect(counts).toEqual([2, 0, 1, 1])
})
