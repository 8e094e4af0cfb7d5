import { expect, test } from 'vitest'
import { codeMeeting as inBrowser } from '../../src/page/meeting.js'
import { codeMeeting } from '../../src/send/code.js'

// Sender and page find each other only if both derive the same.
test('a code means the same in the page as in Node', async () => {
  const code = 'abandon-ability-able-about-above'
  const [page, node] = await Promise.all([inBrowser(code), codeMeeting(code)])
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  expect(hex(page.topic)).toBe(hex(node.topic))
  expect(hex(page.group.publicKey)).toBe(hex(node.group.publicKey))
})
