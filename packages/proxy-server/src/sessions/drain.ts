import type { Clock } from '@swarmway/proxy-protocol'
import type { ClientSession } from './client-session.js'

const POLL_MS = 20

/** Withdraws the clients' announcements and waits, for at most `drainMs`, until everything has been sent to them. */
export async function drain(sessions: readonly ClientSession[], clock: Clock, drainMs: number): Promise<void> {
  let isLate = false
  const late = new Promise<void>((resolve) => {
    const timer = clock.setTimeout(() => {
      isLate = true
      resolve()
    }, drainMs)
    void work().finally(() => {
      clock.clearTimeout(timer)
      resolve()
    })
  })
  await late

  async function work(): Promise<void> {
    await Promise.allSettled(sessions.map((session) => session.withdraw()))
    while (!isLate && !sessions.every((session) => session.isDrained)) await pause(clock)
  }
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(resolve, POLL_MS)
  })
}
