import { existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { formatBytes } from '../shared/format.js'

/** How many bytes will be written below a path. */
export interface Need {
  readonly path: string
  readonly bytes: number
}

/** The file system of a path, and how many bytes it takes; null if it does not say. */
export type Room = (path: string) => Promise<{ device: number; freeBytes: number | null }>

/** Throws a `CliError` unless there is room for all of it. What is on one file system is added up. */
export async function assertRoom(needs: readonly Need[], room: Room = roomAt): Promise<void> {
  const byDevice = new Map<number, { path: string; bytes: number; freeBytes: number | null }>()
  for (const { bytes, path } of needs) {
    const { device, freeBytes } = await room(existing(path))
    const earlier = byDevice.get(device)
    byDevice.set(device, { path: earlier?.path ?? path, bytes: bytes + (earlier?.bytes ?? 0), freeBytes })
  }
  for (const { bytes, freeBytes, path } of byDevice.values()) {
    if (freeBytes === null || bytes <= freeBytes) continue
    const message = `There is not enough room at ${path}: ${formatBytes(bytes)} are needed, ${formatBytes(freeBytes)} are free.`
    const hint = 'Free some, or name a folder on another disk. --storage keeps the blocks, half of it, elsewhere.'
    throw new CliError(message, { hint, exitCode: EXIT.unusable })
  }
}

async function roomAt(path: string): Promise<{ device: number; freeBytes: number | null }> {
  const { bavail, blocks, bsize } = await statfs(path)
  // Some file systems on the network say 0 of 0.
  return { device: statSync(path).dev, freeBytes: blocks === 0 ? null : bavail * bsize }
}

function existing(path: string): string {
  const parent = dirname(resolve(path))
  return existsSync(path) || parent === path ? path : existing(parent)
}
