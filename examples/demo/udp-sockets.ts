import { readdir, readFile, readlink } from 'node:fs/promises'

/** Number of UDP sockets that this process has open; null where the system does not say (Linux does). */
export async function countUdpSockets(): Promise<number | null> {
  try {
    const known = await Promise.all(['udp', 'udp6'].map((table) => readFile(`/proc/self/net/${table}`, 'utf8')))
    const inodes = new Set(known.flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)[9])))
    const files = await readdir('/proc/self/fd')
    const targets = await Promise.all(files.map((file) => readlink(`/proc/self/fd/${file}`).catch(() => '')))
    return targets.filter((target) => {
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
      return inode !== undefined && inodes.has(inode)
    }).length
  } catch {
    return null
  }
}
