/** Processor time of the browsers that this process has started. On Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

/** Ticks per second in /proc, the same on all Linux machines of today. */
const TICKS_PER_SECOND = 100
/** Fields of /proc/<pid>/stat that follow the name of the program. */
const PARENT = 1
const USER_TICKS = 11
const SYSTEM_TICKS = 12

interface ProcessInfo {
  readonly parent: number
  readonly seconds: number
}

/**
 * Seconds used so far by the processes below this one whose command names Chromium; null elsewhere than on Linux. On a busy
 * machine it says more about what something costs than its throughput.
 */
export function browserCpu(): number | null {
  if (process.platform !== 'linux') return null
  const processes = new Map<number, ProcessInfo>()
  for (const pid of readdirSync('/proc').map(Number)) {
    const info = pid > 0 ? read(pid) : null
    if (info !== null) processes.set(pid, info)
  }
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(processes.get(pid)?.parent ?? 0))
  return [...processes].filter(([pid]) => isOurs(pid)).reduce((sum, [, { seconds }]) => sum + seconds, 0)
}

/** Null if it has ended. */
function read(pid: number): ProcessInfo | null {
  try {
    const isBrowser = /chromium|chrome/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name is in parentheses, and may contain some.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const ticks = (fields[USER_TICKS] ?? 0) + (fields[SYSTEM_TICKS] ?? 0)
    return { parent: fields[PARENT] ?? 0, seconds: isBrowser ? ticks / TICKS_PER_SECOND : 0 }
  } catch {
    return null
  }
}
