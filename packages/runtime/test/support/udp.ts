import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Whether {@link udpSockets} works here. */
export const canCountUdpSockets = process.platform === 'linux'

/** Number of UDP sockets this process has open, from any code: its descriptors among the kernel's sockets. */
export function udpSockets(): number {
  const udp = new Set(['udp', 'udp6'].flatMap((table) => inodesOf(`/proc/self/net/${table}`)))
  return readdirSync('/proc/self/fd').filter((fd) => udp.has(socketInode(fd))).length
}

function inodesOf(table: string): string[] {
  const [, ...rows] = readFileSync(table, 'utf8').trim().split('\n')
  return rows.map((row) => row.trim().split(/\s+/)[9] ?? '')
}

function socketInode(fd: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? 'none'
  } catch {
    // Closed in the meantime, such as the descriptor of the directory itself.
    return 'none'
  }
}
