import { expect, test } from 'vitest'
import { useChromium } from '../../../../test/support/use-chromium.ts'
import { startProgram } from './support/programs.ts'
import { visit } from './support/tab.ts'

const browser = useChromium()

test('the program serves the page and a proxy server on one port, and ends on request', async () => {
  const program = startProgram('main.ts', ['--local', '--port', '0', '--host', '127.0.0.1'])
  const site = await program.line(/Local:.*?(http:\S+)/)
  const ada = await visit(browser(), { site, room: 'served', nickname: 'Ada' })
  const grace = await visit(browser(), { site, room: 'served', nickname: 'Grace' })
  await ada.sees('Grace')
  await grace.say('hello')
  await ada.hears('hello')
  // If the proxy is on the page's own server, the invitation need not name it.
  expect(new URL(ada.page.url()).hash).toBe('#served')
  await Promise.all([ada.leave(), grace.leave()])
  expect(await program.stop()).toBe(0)
})
