/** Next.js with both of its bundlers: rendering on the server, a route, and the page. */
import { spawn } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { freePort, listening } from '../../docs/support/sample.ts'
import { useChromium } from '../../support/use-chromium.ts'
import { openKit } from '../support/kit.ts'
import { ANSWER, startMeeting } from '../support/meeting.ts'
import { expectMeeting } from '../support/page.ts'

const kit = await openKit('next')
const browser = useChromium()
const env = { NEXT_TELEMETRY_DISABLED: '1', CI: '1' }

test.skipIf(kit.isMissing).each(['turbopack', 'webpack'])('Next.js 16 with %s', async (bundler) => {
  await kit.run('next', ['build', `--${bundler}`], env)
  const port = await freePort()
  const args = ['start', '--hostname', '127.0.0.1', '--port', String(port)]
  const server = spawn(process.execPath, ['node_modules/next/dist/bin/next', ...args], {
    cwd: kit.folder,
    env: { ...process.env, ...env },
    stdio: 'ignore'
  })
  onTestFinished(() => void server.kill('SIGKILL'))
  await listening(port)
  const site = `http://127.0.0.1:${port}/`
  expect(await (await fetch(site)).text()).toContain('<p id="topic">32</p>')
  const meeting = await startMeeting()
  const url = `${site}answer?server=${encodeURIComponent(meeting.url)}`
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) })
  expect(await answer.text()).toBe(ANSWER)
  expect(meeting.heard).toEqual(['hello from next-route'])
  await expectMeeting(browser(), site, bundler)
})
