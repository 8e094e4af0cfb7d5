import { once } from 'node:events'
import { existsSync, linkSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { claimService } from '../../src/tunnel/sole-connect.js'

const [OWN, SERVICE] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
const TAKEN = 'Another "swarmway connect" of yours uses this service'

function dataHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sole-'))
  vi.stubEnv('XDG_DATA_HOME', folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })
  return folder
}

const claim = () => claimService(OWN, SERVICE)

/** A socket as a process that was killed leaves it. */
async function leaveDead(path: string): Promise<void> {
  const dead = createServer().listen(`${path}-dead`)
  await once(dead, 'listening')
  linkSync(`${path}-dead`, path)
  await new Promise((resolve) => dead.close(resolve))
}

/** The socket of a process that had the service and was killed. */
async function leaveStale(): Promise<string> {
  const folder = join(dataHome(), 'swarmway', 'connect')
  const release = await claim()
  const path = join(folder, readdirSync(folder)[0] ?? '')
  release()
  await leaveDead(path)
  return path
}

// Each removed the socket that the other one had just made.
test.skipIf(process.platform === 'win32')(
  'of several that begin after a killed one, one gets the service',
  async () => {
    await leaveStale()
    const claims = await Promise.allSettled([claim(), claim(), claim()])
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await expect(claim()).rejects.toThrow(TAKEN)
    for (const one of claims) if (one.status === 'fulfilled') one.value()
  }
)

test.skipIf(process.platform === 'win32')('one that took over leaves nothing, and may be followed', async () => {
  const path = await leaveStale()
  const release = await claim()
  await expect(claim()).rejects.toThrow(TAKEN)
  release()
  expect(existsSync(path)).toBe(false)
  const next = await claim()
  release()
  await expect(claim()).rejects.toThrow(TAKEN)
  next()
})

test.skipIf(process.platform === 'win32')("one that was killed while it took over is in nobody's way", async () => {
  const path = await leaveStale()
  await leaveDead(`${path}+`)
  const release = await claim()
  await expect(claim()).rejects.toThrow(TAKEN)
  release()
  expect(readdirSync(dirname(path)).filter((name) => !name.endsWith('-dead'))).toEqual([])
})
