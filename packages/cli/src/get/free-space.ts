import { existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { CliError } from '../shared/cli-error.js'
import { EXIT } from '../shared/exit-codes.js'
import { formatBytes } from '../shared/format.js'

/** The number of bytes to be written below a path. */
export interface Need {
  readonly path: string
  readonly bytes: number
}

/** The file system of a path and its free bytes; null if it does not say. */
export type Room = (path: string) => Promise<{ device: number; freeBytes: number | null }>

/** Throws a `CliError` unless everything fits. Sizes on the same file system are added up. */
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
    const hint = 'Free some space, or use a folder on another disk. --storage moves the blocks (half of it).'
    throw new CliError(message, { hint, exitCode: EXIT.unusable })
  }
}

async function roomAt(path: string): Promise<{ device: number; freeBytes: number | null }> {
  const { bavail, blocks, bsize } = await statfs(path)
  // Some network file systems report 0 of 0.
  return { device: statSync(path).dev, freeBytes: blocks === 0 ? null : bavail * bsize }
}

function existing(path: string): string {
  const parent = dirname(resolve(path))
  return existsSync(path) || parent === path ? path : existing(parent)
}
